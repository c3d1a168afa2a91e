import { bookOf } from "../../app/records/experiment-reader.ts";
import { DAY_MS } from "../../core/model/units.ts";
import { formatTime } from "../../core/text/format.ts";
import { wrap } from "../../core/text/wrap.ts";
import { type ListedExperiment, listed, wasDone } from "../../views/lists/listed.ts";
import { EXIT, type Io, widthOf } from "../io.ts";
import { type ConfiguredOptions, clockOf, openJournal } from "../setup/configured.ts";

interface Options extends ConfiguredOptions {
  readonly days: number;
  readonly all?: boolean;
}

/** Experiments and natural failures, the newest first, as the pages list them. */
export async function experiments(options: Options, io: Io): Promise<number> {
  await using opened = await openJournal(options, io);
  const { journal, config } = opened;
  const nowMs = clockOf(config, io).nowMs();
  const states = await bookOf(journal).between(nowMs - options.days * DAY_MS, nowMs + DAY_MS);
  const all = states.map(listed).toReversed();
  const shown = options.all ? all : all.filter(wasDone);
  if (options.json) {
    io.out(`${JSON.stringify({ experiments: shown }, null, 2)}\n`);
    return EXIT.ok;
  }
  const hidden = all.length - shown.length;
  if (shown.length === 0) io.out(`No experiment in the last ${options.days} days.\n`);
  for (const line of shown) io.out(linesOf(line, config.report.timezone, widthOf(io)));
  if (hidden > 0) io.out(`${hidden} more were refused, missed or not injected: --all lists them.\n`);
  return EXIT.ok;
}

/** When, how it ended and which; below it what was done and what happened. */
function linesOf(line: ListedExperiment, timezone: string, width: number): string {
  const { id, atMs, ending, title, told, open, workload } = line;
  const what = wasDone(line) ? title : workload;
  const when = formatTime(atMs, timezone).slice(0, 16);
  const head = `${when}  ${`${ending}${open ? ", open" : ""}`.padEnd(19)} ${id}`;
  return `${[head, ...wrap([what ?? [], told].flat().join(": "), width, "  ")].join("\n")}\n`;
}
