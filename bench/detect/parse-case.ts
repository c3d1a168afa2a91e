import type { CaseHead, RawCase, RawSeries } from "./format.ts";
import { isPair, parseSeries } from "./parse-series.ts";

/** Seconds of the year 2286: what is larger was written in another unit. */
export const LATEST_S = 10 ** 10;

/** What `index.json` says of a case. */
export interface IndexEntry {
  readonly id: string;
  readonly file?: unknown;
  readonly fault?: unknown;
  readonly t0?: unknown;
  readonly interval_s?: unknown;
  readonly control_kind?: unknown;
}

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);
const finite = (x: unknown): number | null => (typeof x === "number" && Number.isFinite(x) ? x : null);

/** Parses JSON; NaN and Infinity, which some writers leave in it, are read as null. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(text.replaceAll(/("(?:[^"\\]|\\.)*")|-?\b(?:NaN|Infinity)\b/g, (_, quoted) => quoted ?? "null"));
  }
}

/**
 * A case from what its file holds, its index entry where the file is silent. Nothing about it is
 * guessed: what cannot be judged carries the reason, and what was left out is noted.
 * @throws Error when the file holds no case at all
 */
export function parseCase(raw: unknown, entry: IndexEntry): RawCase {
  if (!isObject(raw)) throw new Error("the file must hold one object with the list `series`");
  const listed = Array.isArray(raw.series);
  const { series, notes } = parseSeries(listed ? (raw.series as unknown[]) : []);
  const meta = isObject(raw.meta) ? raw.meta : {};
  const step = stepOf(finite(raw.interval_s) ?? finite(entry.interval_s), series);
  const t0 = finite(raw.t0) ?? finite(meta.pseudo_t0) ?? finite(entry.t0);
  const why = listed ? whyUseless(t0, series) : "`series` must be a list of {service, signal, t, v}";
  const kind = entry.control_kind ?? meta.control_kind;
  return {
    id: entry.id,
    stepS: step.seconds,
    t0,
    fault: faultOf(raw.fault ?? entry.fault),
    firstS: firstOf(series),
    lastS: lastOf(series),
    edges: edgesOf(meta.edges, series),
    masked: pairsOf(meta.masked),
    controlKind: typeof kind === "string" ? kind : "steady",
    notes: [...notes, ...(series.length === 0 ? [] : step.notes)],
    ...(why === null ? {} : { why }),
    series,
  };
}

const firstOf = (series: readonly RawSeries[]): number =>
  series.reduce((min, s) => Math.min(min, s.t[0]!), Number.POSITIVE_INFINITY);
const lastOf = (series: readonly RawSeries[]): number =>
  series.reduce((max, s) => Math.max(max, s.t.at(-1)!), Number.NEGATIVE_INFINITY);

/** Why nothing can be judged by these series at that moment. */
function whyUseless(t0: number | null, series: readonly RawSeries[]): string | null {
  if (series.length === 0) return "not one series of requests, success_rate or latency with samples";
  const [from, to] = [firstOf(series), lastOf(series)];
  if (Math.max(Math.abs(from), Math.abs(to)) > LATEST_S) return "timestamps `t` must be unix seconds";
  if (t0 === null) return "neither t0 nor meta.pseudo_t0 is a number: set one of them";
  if (Math.abs(t0) > LATEST_S) return `t0 is ${t0}: it must be unix seconds`;
  return t0 < from || t0 >= to ? `t0 ${t0} lies outside of the samples, which reach from ${from} to ${to}` : null;
}

/** A case that could not be read: nothing is known of it but what the index says. */
export const unreadable = (entry: IndexEntry, why: string): CaseHead => ({
  id: entry.id,
  stepS: 1,
  t0: null,
  fault: faultOf(entry.fault),
  firstS: Number.NaN,
  lastS: Number.NaN,
  edges: [],
  masked: [],
  controlKind: typeof entry.control_kind === "string" ? entry.control_kind : "steady",
  notes: [],
  why,
});

function faultOf(raw: unknown): CaseHead["fault"] {
  if (isObject(raw)) return { kind: String(raw.kind ?? "fault"), service: String(raw.service ?? "") };
  return typeof raw === "string" ? { kind: raw, service: "" } : null;
}

/** The call graph as told, or as the series of callers show it. */
function edgesOf(raw: unknown, series: readonly RawSeries[]): (readonly [string, string])[] {
  const told = (Array.isArray(raw) ? raw : []).filter(isPair).map(([a, b]) => [String(a), String(b)] as const);
  return told.length > 0 ? told : series.flatMap((s) => (s.edge === undefined ? [] : [s.edge]));
}

const pairsOf = (raw: unknown): (readonly [number, number])[] =>
  (Array.isArray(raw) ? raw : []).filter(isPair).flatMap(([a, b]) => {
    const [from, to] = [finite(a), finite(b)];
    return from === null || to === null ? [] : [[from, to] as const];
  });

/**
 * Samples that lie further apart than this many intervals are what there is: the interval is then
 * theirs.
 */
const SPARSER = 1.5;
/** Where a tenth of the known samples lies closer, the others lie apart because of holes. */
const CLOSEST = 0.1;
/**
 * Series of quiet services have few known samples: those that have the most tell how often it was
 * sampled.
 */
const BUSIEST = 0.1;

/**
 * Seconds a step: as told, unless the samples lie further apart. Samples that lie closer overlap,
 * as rates over a minute do that were read each five seconds; one a step counts then.
 */
function stepOf(told: number | null, series: readonly RawSeries[]): { seconds: number; notes: string[] } {
  const [closest, usual] = [gapOf(series, CLOSEST), gapOf(series, 0.5)];
  if (told === null || !(told > 0)) return { seconds: usual ?? 60, notes: ["no interval_s: taken from the samples"] };
  if (closest === null || usual === null) return { seconds: told, notes: [] };
  const apart = (gap: number): string => `interval_s is ${told}, but samples lie ${gap} s apart`;
  if (closest > SPARSER * told) {
    const seconds = Math.round(closest / told) * told;
    return { seconds, notes: [`${apart(seconds)}: judged in steps of these`] };
  }
  const notes = usual < told / SPARSER ? [`${apart(usual)}: one sample an interval is used`] : [];
  return { seconds: told, notes };
}

/**
 * This quantile of the distances of known samples, in the series that have them most often; null
 * where no series has two.
 */
function gapOf(series: readonly RawSeries[], quantile: number): number | null {
  const gaps = series.flatMap((s) => {
    const t = s.t.filter((_, i) => !Number.isNaN(s.v[i]));
    return t.length < 2
      ? []
      : [
          quantileOf(
            t.subarray(1).map((x, i) => x - t[i]!),
            quantile,
          ),
        ];
  });
  return gaps.length === 0 ? null : quantileOf(Float64Array.from(gaps), BUSIEST);
}

const quantileOf = (values: Float64Array, quantile: number): number =>
  values.sort()[Math.floor(values.length * quantile)]!;
