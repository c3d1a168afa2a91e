import { OUTCOMES_WORST_FIRST } from "../../model/outcome.ts";
import type { WeeklyReport } from "../../model/weekly-report.ts";
import { counted } from "../../text/format.ts";
import {
  costText,
  findingText,
  knownRisksText,
  neverTestedText,
  openTexts,
  planText,
  serviceCells,
  trustText,
  unusedTexts,
  weekSentence,
} from "../../text/week-page.ts";
import { auditTexts, scoreText, shortTime, trendText, unknownText, weekSpan } from "../../text/weekly.ts";
import { wrap } from "../../text/wrap.ts";

const MOST_LINES = 60;
/**
 * A list tells so many of its lines, the worst first, or fewer until all fits: the page has them
 * all.
 */
const TOLD = [12, 8, 6, 4, 3, 2, 1] as const;
/** Columns of a name. */
const NAME_WIDTH = 20;

/**
 * The week on one page, as plain text of at most 60 lines for a terminal or a mail. Ends without a
 * line break.
 */
export function renderText(report: WeeklyReport, width = 80): string {
  const texts = TOLD.map((told) => () => textOf(report, width, told));
  const fits = texts.find((make) => make().split("\n").length <= MOST_LINES);
  return (fits ?? texts.at(-1)!)();
}

function textOf(report: WeeklyReport, width: number, told: number): string {
  const { cluster, week, madeAtMs, trend, audit, falseAlarms } = report;
  const soFar = madeAtMs < week.toMs ? `, so far (${shortTime(madeAtMs, week.timezone)})` : "";
  const changed = trendText(trend);
  const parts = [
    [`Resilience report of ${cluster}, ${week.id}`, `${weekSpan(week)} (${week.timezone})${soFar}`],
    wrap(weekSentence(report), width, ""),
    listed("STILL OPEN", openTexts(report), told, width),
    outcomePart(report, width),
    servicePart(report, width, told),
    listed("FINDINGS", report.findings.map(findingText), told, width),
    [
      ...wrap(`${neverTestedText(report)}.`, width, ""),
      ...sentence(knownRisksText(report), width),
      ...sentence(planText(report), width),
      ...sentence(unusedTexts(report).slice(0, 4).join("; ") || null, width),
      ...sentence(changed, width),
    ],
    [
      ...sentence(trustText(report), width),
      ...auditTexts(audit, falseAlarms, week.timezone)
        .filter((text) => !text.includes("promised: at most"))
        .slice(0, 3)
        .flatMap((text) => sentence(text, width)),
    ],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

const sentence = (text: string | null, width: number): readonly string[] =>
  text === null ? [] : wrap(`${text}.`, width, "");

function outcomePart(report: WeeklyReport, width: number): string[] {
  const { experiments: all, natural } = report;
  const outcomes = OUTCOMES_WORST_FIRST.filter((one) => all.byOutcome[one] > 0).map(
    (one) => `${all.byOutcome[one]} ${one}`,
  );
  const counts = [
    counted(all.injected, "fault"),
    counted(all.shams, "sham"),
    counted(natural.length, "natural failure"),
    `${all.refused} refused`,
    `${all.missed} missed`,
    ...(all.notInjected > 0 ? [`${all.notInjected} not injected`] : []),
    ...(all.running > 0 ? [`${all.running} still running`] : []),
  ];
  return [
    "OUTCOMES",
    ...wrap(`${scoreText(report.score)}.`, width, "  "),
    ...wrap(unknownText(report.score), width, "  "),
    ...wrap(counts.join(" · "), width, "  "),
    ...(outcomes.length > 0 ? wrap(outcomes.join(" · "), width, "  ") : []),
    `  ${costText(report)}.`,
  ];
}

function servicePart({ services }: WeeklyReport, width: number, told: number): string[] {
  if (services.length === 0) return [];
  const row = (name: string, cells: readonly string[]): string => {
    const [tested = "", unaffected = "", recovered = "", notRecovered = "", unknown = "", failed = ""] = cells;
    const short = name.length > NAME_WIDTH ? `${name.slice(0, NAME_WIDTH - 1)}…` : name;
    const text = `  ${short.padEnd(NAME_WIDTH)}${tested.padStart(7)}${unaffected.padStart(8)}  ${recovered.padEnd(19)}${notRecovered.padStart(6)}${unknown.padStart(6)}${failed.padStart(10)}`;
    return text.slice(0, width).trimEnd();
  };
  const more = services.length - told;
  return [
    row("SERVICE", ["tested", "unaff.", "recovered", "not", "unkn.", "failed"]),
    ...services.slice(0, told).map((line) => row(line.service, serviceCells(line))),
    ...(more > 0 ? [`  and ${counted(more, "more service")}`] : []),
  ];
}

function listed(title: string, texts: readonly string[], most: number, width: number): string[] {
  if (texts.length === 0) return [];
  const more = texts.length - most;
  return [
    title,
    ...texts.slice(0, most).flatMap((text) => wrap(text, width, "  ", "    ").slice(0, 2)),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
