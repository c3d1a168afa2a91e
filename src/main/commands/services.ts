import { knownFindings } from "../../app/diagnose/diagnose.ts";
import { bookOf } from "../../app/records/experiment-reader.ts";
import type { FindingEvent } from "../../core/model/journal.ts";
import { DAY_MS } from "../../core/model/units.ts";
import type { FindingLine } from "../../core/model/weekly-report.ts";
import { formatTime } from "../../core/text/format.ts";
import { listed } from "../../views/lists/listed.ts";
import { type ListedService, listServices } from "../../views/lists/services.ts";
import { EXIT, type Io, widthOf } from "../io.ts";
import { type ConfiguredOptions, clockOf, openJournal } from "../setup/configured.ts";

/**
 * Services that experiments and natural failures said something of, those with open findings first,
 * as the pages list them. What was never tested is in `plan --what-if` and in the report: that
 * takes a cluster.
 */
export async function services(options: ConfiguredOptions & { readonly days: number }, io: Io): Promise<number> {
  await using opened = await openJournal(options, io);
  const { journal, config } = opened;
  const nowMs = clockOf(config, io).nowMs();
  const states = await bookOf(journal).between(nowMs - options.days * DAY_MS, nowMs + DAY_MS);
  const findings = [...(await knownFindings({ journal }))].map(([fingerprint, events]) => lineOf(fingerprint, events));
  const shown = listServices({ lines: states.map(listed).toReversed(), findings, coverage: [], risks: [] });
  if (options.json) {
    io.out(`${JSON.stringify({ services: shown }, null, 2)}\n`);
    return EXIT.ok;
  }
  if (shown.length === 0) io.out(`Nothing was said of any service in the last ${options.days} days.\n`);
  else io.out(`${tableOf(shown, config.report.timezone, widthOf(io)).join("\n")}\n`);
  return EXIT.ok;
}

/** The pages have the words of its last sight; for a list its headline is enough. */
function lineOf(fingerprint: string, events: readonly FindingEvent[]): FindingLine {
  const last = events.at(-1);
  const title = events.findLast((event) => event.title !== undefined)?.title;
  return {
    fingerprint,
    status: last?.status ?? "new",
    weakness: last?.weakness ?? "",
    workload: last?.workload ?? "",
    ...(title === undefined ? {} : { title }),
    finding: null,
    experimentId: last?.experimentId ?? "",
    seen: events.length,
    firstSeenMs: 0,
  };
}

const COLUMNS = ["unaff.", "recov.", "not", "unkn.", "findings"] as const;
/** The name gets what the other columns leave. */
const LAST_WIDTH = 26;
const NUMBER_WIDTHS = [7, 7, 4, 6, 9] as const;
const NARROWEST_NAME = 12;

function tableOf(all: readonly ListedService[], timezone: string, width: number): string[] {
  const numbers = NUMBER_WIDTHS.reduce((sum, one) => sum + one, 0);
  const longest = Math.max(7, ...all.map(({ service }) => service.length)) + 1;
  const nameWidth = Math.min(longest, Math.max(NARROWEST_NAME, width - numbers - LAST_WIDTH));
  const row = (name: string, cells: readonly string[], last: string): string => {
    const short = name.length < nameWidth ? name : `${name.slice(0, nameWidth - 2)}…`;
    const text = `${short.padEnd(nameWidth)}${cells.map((cell, i) => cell.padStart(NUMBER_WIDTHS[i] ?? 0)).join("")}  ${last}`;
    return text.trimEnd();
  };
  return [
    row("SERVICE", COLUMNS, "last"),
    ...all.map(({ service, outcomes, findings, last }) =>
      row(
        service,
        [outcomes.unaffected, outcomes.recovered, outcomes["not recovered"], outcomes.unknown, findings.length].map(
          String,
        ),
        last === null ? "never judged" : `${formatTime(last.atMs, timezone).slice(0, 10)} ${last.outcome}`,
      ),
    ),
  ];
}
