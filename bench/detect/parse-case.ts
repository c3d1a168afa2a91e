import type { RawCase, RawSeries } from "./format.ts";

/** Seconds of the year 2286: what is larger was written in another unit. */
const LATEST_S = 10 ** 10;

/** What `index.json` says of a case. */
export interface IndexEntry {
  readonly id: string;
  readonly file?: string;
  readonly fault?: RawCase["fault"];
  readonly control_kind?: string | null;
}

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);
const isPair = (x: unknown): x is readonly [unknown, unknown] => Array.isArray(x) && x.length === 2;
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
 * A case from what its file holds. Series that are none are left out; samples are sorted, the last of several at one instant counts, and values
 * that are no finite numbers are unknown.
 * @throws Error that says why nothing can be judged by it
 */
export function parseCase(raw: unknown, entry: IndexEntry): RawCase {
  if (!isObject(raw)) throw new Error("the file holds no object");
  const series = (Array.isArray(raw.series) ? raw.series : []).flatMap((s: unknown) => parseSeries(s) ?? []);
  if (!series.some((s) => s.t.length > 0)) throw new Error("not one series with samples");
  if (series.some((s) => s.t.some((t) => Math.abs(t) > LATEST_S))) throw new Error("timestamps must be unix seconds");
  const meta = isObject(raw.meta) ? raw.meta : {};
  const fault = faultOf(raw.fault ?? entry.fault);
  const pseudo = finite(meta.pseudo_t0);
  const t0 = finite(raw.t0);
  if ((t0 ?? pseudo) === null) throw new Error("neither t0 nor meta.pseudo_t0 is a number");
  const intervalS = finite(raw.interval_s);
  const kind = entry.control_kind ?? meta.control_kind;
  return {
    id: entry.id,
    interval_s: intervalS !== null && intervalS > 0 ? intervalS : usualGap(series),
    t0,
    fault,
    series,
    meta: {
      edges: edgesOf(meta.edges, series),
      masked: pairsOf(meta.masked),
      ...(pseudo === null ? {} : { pseudo_t0: pseudo }),
      ...(typeof kind === "string" ? { control_kind: kind } : {}),
    },
  };
}

/** A case that could not be read: nothing is known of it but what the index says. */
export const unreadable = (entry: IndexEntry, why: string): RawCase => ({
  id: entry.id,
  interval_s: 1,
  t0: null,
  fault: faultOf(entry.fault),
  series: [],
  meta: typeof entry.control_kind === "string" ? { control_kind: entry.control_kind } : {},
  why,
});

function faultOf(raw: unknown): RawCase["fault"] {
  if (isObject(raw)) return { kind: String(raw.kind ?? "fault"), service: String(raw.service ?? "") };
  return typeof raw === "string" ? { kind: raw, service: "" } : null;
}

function parseSeries(raw: unknown): RawSeries | null {
  if (!isObject(raw)) return null;
  const { service, signal, t, v, edge, reporter } = raw;
  if (typeof service !== "string" || typeof signal !== "string" || !Array.isArray(t) || !Array.isArray(v)) return null;
  const at = new Map<number, number | null>();
  t.forEach((time: unknown, i) => {
    const seconds = finite(time);
    if (seconds !== null) at.set(seconds, finite(v[i]));
  });
  const sorted = [...at].sort(([a], [b]) => a - b);
  return {
    service,
    signal,
    t: sorted.map(([time]) => time),
    v: sorted.map(([, value]) => value),
    ...(isPair(edge) ? { edge: [String(edge[0]), String(edge[1])] as const } : {}),
    ...(typeof reporter === "string" ? { reporter } : {}),
  };
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

/** Median distance of samples, where no interval was written down. */
function usualGap(series: readonly RawSeries[]): number {
  const gaps = series.flatMap((s) => s.t.slice(1).map((t, i) => t - s.t[i]!)).sort((a, b) => a - b);
  return gaps[gaps.length >> 1] ?? 60;
}
