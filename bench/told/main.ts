import { writeFileSync } from "node:fs";
import { slackMessage } from "../../src/adapters/slack/blocks.ts";
import type { WeeklyReport } from "../../src/core/model/weekly-report.ts";
import { randomFrom } from "../../src/core/random.ts";
import { renderText } from "../../src/core/report/weekly/text.ts";
import { printedPages } from "../../test/support/printed.ts";
import { findProgram } from "../../test/support/requires.ts";
import { readOptions } from "../lib/options.ts";
import { viewsModule } from "../lib/views.ts";
import { delayP95, falsePer1000 } from "./early.ts";
import { notices, slackFigures } from "./messages.ts";
import { bigWeek, measureWeek } from "./week.ts";

const USAGE = `Measures how soon and how shortly people are told.

  npm run bench:told -- [--runs N] [--shams N] [--json FILE]

  early_alert_s_p95_…   from the first failing request to the look that raises the alert, scrapes of 15 s, half of the requests failing
  early_false_per_1000  shams, in services whose failures swing by minutes, in which an alert is raised
  slack_words           of the longest message; command_at_word: where its command begins at the latest
  weekly_…              the report of a week of 10,000 experiments; report_pages: A4 pages of it as Chromium prints them (-1: no Chromium)`;

async function reportPage(report: WeeklyReport): Promise<string> {
  const views = await viewsModule<typeof import("../../src/views/report-page.tsx")>("src/views/report-page.tsx");
  return views.renderReportPage(report);
}

async function main(): Promise<number> {
  const values = readOptions(USAGE, {
    runs: { number: 400, least: 20 },
    shams: { number: 3_000, least: 100 },
    json: { text: undefined },
  });
  const random = randomFrom(20_261_130);
  const { report, seconds, mib } = measureWeek(bigWeek(10_000));
  const figures = {
    early_alert_s_p95_at_1: delayP95(random, 1, values.runs),
    early_alert_s_p95_at_20: delayP95(random, 20, values.runs),
    early_false_per_1000: falsePer1000(random, values.shams),
    ...slackFigures(notices().map((notice) => slackMessage(notice))),
    report_pages: findProgram("chromium") === null ? -1 : printedPages(await reportPage(report)),
    report_text_lines: renderText(report).split("\n").length,
    weekly_report_s: seconds,
    weekly_report_mib: mib,
  };
  for (const [name, value] of Object.entries(figures))
    process.stdout.write(`${name.padEnd(26)}${Number(value.toFixed(2))}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  return 0;
}

process.exitCode = await main();
