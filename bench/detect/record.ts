import type { QuantileSeries } from "../../src/core/judge/judge.ts";
import type { Observation } from "../../src/core/model/series.ts";
import type { Window } from "../../src/core/model/units.ts";
import { adapt } from "./adapt.ts";
import type { RawCase, RawSeries } from "./format.ts";
import { onRecordGrid } from "./samples.ts";

/** The controls of one stretch of a system, joined. */
export interface QuietRecord {
  readonly name: string;
  readonly series: readonly RawSeries[];
  readonly stepS: number;
  readonly fromS: number;
  readonly toS: number;
  /** Stretches marked as not quiet, unix seconds. */
  readonly suspect: readonly (readonly [number, number])[];
}

/** Controls are numbered pieces of a record; a control without a number is a record of its own. */
export const recordName = (id: string): string => id.replace(/-control-\d+$/, "");

const keyOf = (s: RawSeries): string => `${s.service}\n${s.signal}\n${s.edge?.join("\n") ?? ""}\n${s.reporter ?? ""}`;

function join(name: string, cases: readonly RawCase[]): QuietRecord {
  const samples = new Map<string, { series: RawSeries; at: Map<number, number | null> }>();
  for (const c of cases) {
    for (const s of c.series) {
      const known = samples.get(keyOf(s)) ?? { series: s, at: new Map<number, number | null>() };
      samples.set(keyOf(s), known);
      for (const [i, t] of s.t.entries()) known.at.set(t, s.v[i] ?? null);
    }
  }
  const series = [...samples.values()].map(({ series: s, at }) => {
    const t = [...at.keys()].sort((a, b) => a - b);
    return { ...s, t, v: t.map((x) => at.get(x) ?? null) };
  });
  const times = series.flatMap((s) => (s.t.length > 0 ? [s.t[0]!, s.t[s.t.length - 1]!] : []));
  const suspect = cases
    .filter((c) => c.meta.control_kind !== undefined && c.meta.control_kind !== "steady")
    .map((c) => {
      const some = c.series.filter((s) => s.t.length > 0);
      return [Math.min(...some.map((s) => s.t[0]!)), Math.max(...some.map((s) => s.t.at(-1)!))] as const;
    });
  const stepS = cases[0]!.interval_s;
  return { name, series, stepS, fromS: Math.min(...times) - stepS, toS: Math.max(...times), suspect };
}

/** A record with more steps than this was put together from times that do not belong together. */
const LONGEST_STEPS = 200_000;

/** Joins the controls of a set to the records that they were cut from; a control of another interval is no piece of the same record. */
export function joinRecords(cases: readonly RawCase[]): QuietRecord[] {
  const controls = cases.filter((c) => c.fault === null && c.why === undefined);
  const pieces = Map.groupBy(controls, (c) => `${recordName(c.id)}\n${c.interval_s}`);
  return [...pieces.values()]
    .map((of) => join(recordName(of[0]!.id), of))
    .filter((r) => (r.toS - r.fromS) / r.stepS <= LONGEST_STEPS);
}

/** Records as the judge's history, one after the other on a line of time of its own. */
export interface History {
  readonly observation: Observation;
  readonly quantiles: readonly QuantileSeries[];
  /** Stretches that are no quiet record: those marked as suspect. */
  readonly suspect: readonly Window[];
  /** A stretch of real time (unix seconds) wherever it lies in the history. */
  windows(fromS: number, toS: number): Window[];
}

/** Steps between two records: more than any window is long, so that none spans both. */
const GAP_STEPS = 200;

/** Joins records on one grid; between them nothing is known. */
export function historyOf(records: readonly QuietRecord[]): History {
  const stepS = records[0]!.stepS;
  const offsets: number[] = [];
  let steps = 0;
  for (const r of records) {
    offsets.push(steps);
    steps += Math.round((r.toS - r.fromS) / stepS) + GAP_STEPS;
  }
  const series = new Map<string, { series: RawSeries; values: Float64Array }>();
  records.forEach((r, k) => {
    const length = Math.round((r.toS - r.fromS) / stepS);
    for (const s of r.series) {
      const known = series.get(keyOf(s)) ?? { series: s, values: new Float64Array(steps).fill(Number.NaN) };
      series.set(keyOf(s), known);
      known.values.set(onRecordGrid(s, r.fromS, stepS, length), offsets[k]!);
    }
  });
  const adapted = adapt(
    [...series.values()].map((s) => s.series),
    steps,
    (s) => series.get(keyOf(s))!.values,
  );
  const inHistory = (r: QuietRecord, k: number, fromS: number, toS: number): Window => ({
    fromMs: (offsets[k]! * stepS + fromS - r.fromS) * 1_000,
    toMs: (offsets[k]! * stepS + toS - r.fromS) * 1_000,
  });
  return {
    observation: {
      grid: { startMs: 0, stepMs: stepS * 1_000, steps },
      services: adapted.services,
      sourceRequests: 0,
      notes: [],
    },
    quantiles: adapted.quantiles,
    suspect: records.flatMap((r, k) => r.suspect.map(([from, to]) => inHistory(r, k, from - stepS, to))),
    windows: (fromS, toS) =>
      records.flatMap((r, k) => (fromS < r.toS && toS > r.fromS ? [inHistory(r, k, fromS, toS)] : [])),
  };
}
