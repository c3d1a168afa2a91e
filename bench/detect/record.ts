import { FEWEST_PLACEBOS } from "../../src/core/judge/input/constants.ts";
import type { QuantileSeries } from "../../src/core/judge/judge.ts";
import type { Observation } from "../../src/core/model/series.ts";
import type { Window } from "../../src/core/model/units.ts";
import { adapt } from "./adapt.ts";
import type { CaseHead, RawCase, RawSeries } from "./format.ts";
import { LATEST_S } from "./parse-case.ts";
import type { DataSet } from "./read-set.ts";
import { onGrid, putOnRecordGrid } from "./samples.ts";
import { keyOf } from "./signals.ts";
import { type SetWindows, stepSeconds } from "./windows.ts";

/** Quiet telemetry of one stretch of time, put together from controls. */
export interface QuietRecord {
  readonly sampleS: number;
  readonly series: readonly RawSeries[];
  readonly fromS: number;
  readonly toS: number;
  /** Stretches marked as not quiet, unix seconds. */
  readonly suspect: readonly (readonly [number, number])[];
}

/**
 * Samples of equal series of several cases in one, in order; of two at one instant the earlier
 * case's counts.
 */
function joinSeries(cases: readonly RawCase[]): RawSeries[] {
  const pieces = Map.groupBy(
    cases.flatMap((c) => c.series),
    keyOf,
  );
  return [...pieces.values()].map((of) => {
    if (of.length === 1) return of[0]!;
    const all = of.flatMap((s) => Array.from(s.t, (t, i) => [t, s.v[i]!] as const)).sort(([a], [b]) => a - b);
    const once = all.filter(([t], i) => i === 0 || t !== all[i - 1]![0]);
    return { ...of[0]!, t: Float64Array.from(once, ([t]) => t), v: Float64Array.from(once, ([, v]) => v) };
  });
}

/** The controls whose ids begin with `record` and `-control-`, joined: what a placebo lies in. */
export function namedRecord(set: DataSet, record: string): readonly RawSeries[] {
  const pieces = set.cases.filter((c) => isControl(c) && c.id.startsWith(`${record}-control-`));
  return joinSeries(pieces.map(set.load));
}

/** Where only the moment of a control is missing, it still tells what is quiet. */
const isControl = (c: CaseHead): boolean =>
  c.fault === null && Math.max(Math.abs(c.firstS), Math.abs(c.lastS)) <= LATEST_S;

/** Pieces further apart than this many samples are no longer one stretch. */
const APART = 200;
/** Share of samples at the same instant that may differ between two pieces of one recording. */
const MOST_UNLIKE = 0.1;

/**
 * Whether two cases tell different things of the same service at the same time: then they are no
 * pieces of one recording.
 */
function contradicts(a: RawCase, b: RawCase): boolean {
  if (a.firstS > b.lastS || b.firstS > a.lastS) return false;
  const byKey = new Map(a.series.map((s) => [keyOf(s), s]));
  let [both, unlike] = [0, 0];
  for (const s of b.series) {
    const other = byKey.get(keyOf(s));
    if (other === undefined) continue;
    let j = 0;
    for (let i = 0; i < s.t.length; i++) {
      while (j < other.t.length && other.t[j]! < s.t[i]!) j++;
      const [x, y] = [s.v[i]!, other.t[j] === s.t[i] ? other.v[j]! : Number.NaN];
      if (Number.isNaN(x) || Number.isNaN(y)) continue;
      both++;
      if (Math.abs(x - y) > 1e-9 * Math.max(Math.abs(x), Math.abs(y))) unlike++;
    }
  }
  return unlike > MOST_UNLIKE * both;
}

/**
 * Joins the controls of one interval to the stretches of time that they were cut from. What they
 * are called says nothing: pieces belong together that follow each other, or that overlap without
 * contradiction.
 */
export function joinRecords(set: DataSet, sampleS: number): QuietRecord[] {
  const controls = set.cases.filter((c) => isControl(c) && c.stepS === sampleS).map(set.load);
  const records: RawCase[][] = [];
  for (const piece of controls.sort((a, b) => a.firstS - b.firstS)) {
    const near = (of: readonly RawCase[]): boolean =>
      of.some((c) => piece.firstS - c.lastS <= APART * sampleS) && !of.some((c) => contradicts(c, piece));
    const record = records.find(near);
    if (record === undefined) records.push([piece]);
    else record.push(piece);
  }
  return records.map((of) => ({
    sampleS,
    series: joinSeries(of),
    fromS: Math.min(...of.map((c) => c.firstS)) - sampleS,
    toS: Math.max(...of.map((c) => c.lastS)),
    suspect: of.filter((c) => c.controlKind !== "steady").map((c) => [c.firstS, c.lastS] as const),
  }));
}

/** What the judge learns from. */
export interface History {
  readonly observation: Observation;
  readonly quantiles: readonly QuantileSeries[];
  /** Stretches that are no quiet record: those marked as suspect. */
  readonly suspect: readonly Window[];
  /** A stretch of real time (unix seconds) wherever it lies in the history. */
  windows(fromS: number, toS: number): Window[];
}

/**
 * Where the line of time of joined records begins, ms: long before any unix second that a case may
 * name, so that no window lies in it by chance.
 */
const LINE_START_MS = -(10 ** 14);
/** Series of a longer history do not fit into memory. */
const LONGEST_STEPS = 200_000;

/**
 * Joins records one after the other on a line of time of its own; between two lies more than any
 * window is long. Null when that is too much.
 */
export function historyOf(records: readonly QuietRecord[], windows: SetWindows): History | null {
  const { sampleS, factor } = windows;
  const lengths = records.map((r) => Math.ceil(Math.round((r.toS - r.fromS) / sampleS) / factor));
  const gap = windows.before + windows.after;
  const offsets: number[] = [];
  let steps = 0;
  for (const length of lengths) {
    offsets.push(steps);
    steps += length + gap;
  }
  if (steps === 0 || steps > LONGEST_STEPS) return null;
  const pieces = Map.groupBy(
    records.flatMap((r, k) => r.series.map((s) => ({ s, k }))),
    ({ s }) => keyOf(s),
  );
  const place = (s: RawSeries): Float64Array => {
    const out = new Float64Array(steps * factor).fill(Number.NaN);
    for (const piece of pieces.get(keyOf(s))!) {
      const from = offsets[piece.k]! * factor;
      const part = out.subarray(from, from + lengths[piece.k]! * factor);
      putOnRecordGrid(piece.s, records[piece.k]!.fromS, sampleS, part);
    }
    return out;
  };
  const stepS = stepSeconds(windows);
  const atMs = (k: number, s: number): number => LINE_START_MS + (offsets[k]! * stepS + s - records[k]!.fromS) * 1_000;
  const inHistory = (k: number, fromS: number, toS: number): Window => ({ fromMs: atMs(k, fromS), toMs: atMs(k, toS) });
  return {
    ...observed(
      [...pieces.values()].map((of) => of[0]!.s),
      steps,
      LINE_START_MS,
      windows,
      place,
    ),
    suspect: records.flatMap((r, k) => r.suspect.map(([from, to]) => inHistory(k, from - sampleS, to))),
    windows: (fromS, toS) =>
      records.flatMap((r, k) => (fromS < r.toS && toS > r.fromS ? [inHistory(k, fromS, toS)] : [])),
  };
}

/**
 * What a case tells of the time before its window, where that is long enough to learn from; null
 * where it is not.
 */
export function pastOf(c: RawCase, t0: number, windows: SetWindows): History | null {
  const stepS = stepSeconds(windows);
  const steps = Math.min(Math.floor((t0 - c.firstS) / stepS) + 1, LONGEST_STEPS);
  if (steps < 2 * windows.before + windows.after + FEWEST_PLACEBOS) return null;
  const cut = { before: steps * windows.factor, after: 0, t0, stepS: windows.sampleS };
  const startMs = (t0 - steps * stepS) * 1_000;
  return {
    ...observed(c.series, steps, startMs, windows, (s) => onGrid(s, cut, c.masked, Number.NEGATIVE_INFINITY)),
    suspect: c.masked.map(([from, to]) => ({ fromMs: from * 1_000, toMs: to * 1_000 })),
    windows: (fromS, toS) => [{ fromMs: fromS * 1_000, toMs: toS * 1_000 }],
  };
}

function observed(
  series: readonly RawSeries[],
  steps: number,
  startMs: number,
  windows: SetWindows,
  place: (s: RawSeries) => Float64Array,
): Pick<History, "observation" | "quantiles"> {
  const { services, quantiles } = adapt(series, steps, windows.factor, place);
  const grid = { startMs, stepMs: stepSeconds(windows) * 1_000, steps };
  return { observation: { grid, services, sourceRequests: 0, notes: [] }, quantiles };
}
