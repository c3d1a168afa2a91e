import { writeFileSync } from "node:fs";
import { orEnd, readOptions } from "../lib/options.ts";
import { judgeSet, type SetResult } from "./judge-set.ts";
import type { Line } from "./line.ts";
import { readSets } from "./read-set.ts";
import { type Score, type Share, scoreOf } from "./score.ts";
import { type SetWindows, stepSeconds } from "./windows.ts";

const USAGE = `Judges recorded telemetry with known faults, through the same core as the worker.

  npm run bench:detect -- --data DIR [--out FILE.jsonl] [--json FILE] [--own-window] [--before N] [--after N]

  --data DIR      a folder with index.json and *.json.gz, or one with such folders in it, however deep (placebos.json in or beside them)
  --out FILE      one JSON line a case: flagged, score, services, cause, what could not be judged and why (with the quiet record; see --own-window)
  --json FILE     the numbers of the table
  --own-window    write the lines of the judge that knows nothing but the case's own window
  --before, --after   steps that are used of every case, instead of at most 60 (or 30 minutes) before, and of what nine of ten cases
                  have after, at most 10 (or ten minutes); samples closer than 15 s are joined to steps first`;

const percent = (s: Share): string =>
  `${s.k}/${s.n} ${s.n === 0 ? "-" : ((100 * s.k) / s.n).toFixed(1)} % [${(100 * s.low).toFixed(0)}-${(100 * s.high).toFixed(0)}]`;

function row(name: string, score: Score, ms: number): string {
  const at = (s: Share | null) => (s === null ? "-" : `${s.k}`);
  const cells = [
    name.padEnd(20),
    percent(score.false_alarms_controls).padEnd(22),
    percent(score.false_alarms_placebos).padEnd(22),
    percent(score.recall).padEnd(24),
    at(score.recall_at_1).padEnd(6),
    at(score.recall_at_5).padEnd(6),
    `${score.top1.k}`.padEnd(6),
    `${score.cause.k}`.padEnd(6),
    ms.toFixed(1),
  ];
  return cells.join(" ");
}

/** Cases that could not be judged are named up to this many. */
const MOST_TOLD = 10;

/** Names as they can be printed: a line break in one would look like another line. */
const shown = (text: string): string => JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');

function toldWindows(windows: SetWindows): string {
  const { before, after, sampleS, factor } = windows;
  const step = factor === 1 ? `${sampleS} s` : `${stepSeconds(windows)} s, ${factor} samples`;
  return `${after} steps of ${step} after, at most ${before} before`;
}

/** How many cases share each sentence, the most common first. */
function tally(sentences: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const one of sentences) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

function listed(all: readonly string[], what: string): string[] {
  return all.length <= MOST_TOLD
    ? [...all]
    : [...all.slice(0, MOST_TOLD), `… and ${all.length - MOST_TOLD} more ${what}`];
}

function notJudgedOf(lines: readonly Line[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const line of lines) {
    for (const [why, n] of Object.entries(line.not_judged)) all[why] = (all[why] ?? 0) + n;
  }
  return all;
}

function textOf(result: SetResult, own: Score, withRecord: Score | null, notJudged: Record<string, number>): string {
  const { set, windows } = result;
  const lines = result.withRecord ?? result.own;
  const unread = lines.filter((line) => line.why !== undefined);
  const notes = tally(lines.flatMap((line) => line.notes)).map(([note, n]) => `${n} cases: ${note}`);
  return [
    `== ${shown(set.name)}: ${set.cases.length} cases, ${set.placebos.length} placebos; ${windows.map(toldWindows).join("; ") || "nothing to judge"} ==`,
    `${"judge".padEnd(20)} ${"false alarms, controls".padEnd(22)} ${"… placebos".padEnd(22)} ${"recall at its default".padEnd(24)} @1 %   @5 %   top-1  cause  ms/case`,
    row("own window", own, result.msPerCase.own),
    ...(withRecord === null ? [] : [row("with quiet record", withRecord, result.msPerCase.withRecord)]),
    `signals that could not be judged: ${
      Object.entries(notJudged)
        .map(([why, n]) => `${why} ${n}`)
        .join(", ") || "none"
    }`,
    ...listed([...result.notes, ...notes], "notes").map((note) => `note: ${shown(note)}`),
    ...listed(
      unread.map((line) => `not judged: ${shown(line.case)}: ${shown(line.why ?? "")}`),
      "cases that could not be judged",
    ),
  ].join("\n");
}

function report(result: SetResult): { text: string; json: unknown } {
  const own = scoreOf(result.jobs, result.own);
  const withRecord = result.withRecord === null ? null : scoreOf(result.jobs, result.withRecord);
  const lines = result.withRecord ?? result.own;
  const notJudged = notJudgedOf(lines);
  const unread = lines.filter((line) => line.why !== undefined);
  return {
    text: textOf(result, own, withRecord, notJudged),
    json: {
      set: result.set.name,
      windows: result.windows.map((w) => ({ ...w, step_s: stepSeconds(w) })),
      own_window: own,
      with_record: withRecord,
      not_judged: notJudged,
      cases_not_judged: Object.fromEntries(unread.map((line) => [line.case, line.why])),
      notes: [...result.notes, ...tally(lines.flatMap((line) => line.notes)).map(([note, n]) => `${n} cases: ${note}`)],
      ms_per_case: result.msPerCase,
    },
  };
}

function main(): number {
  const values = readOptions(USAGE, {
    data: { text: undefined },
    out: { text: undefined },
    json: { text: undefined },
    "own-window": { flag: false },
    before: { number: 0 },
    after: { number: 0 },
  });
  if (values.data === undefined) {
    console.error(`--data is missing: the folder of the recordings\n\n${USAGE}`);
    return 64;
  }
  const override = {
    ...(values.before === 0 ? {} : { before: values.before }),
    ...(values.after === 0 ? {} : { after: values.after }),
  };
  const { data } = values;
  const results = orEnd(() => readSets(data)).map((set) => judgeSet(set, override, () => performance.now()));
  const reports = results.map(report);
  console.log(reports.map((r) => r.text).join("\n\n"));
  if (values.json !== undefined)
    writeFileSync(
      values.json,
      `${JSON.stringify(
        reports.map((r) => r.json),
        null,
        1,
      )}\n`,
    );
  if (values.out !== undefined) {
    const lines = results.flatMap((r) => (values["own-window"] ? r.own : (r.withRecord ?? r.own)));
    writeFileSync(values.out, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }
  return 0;
}

process.exitCode = main();
