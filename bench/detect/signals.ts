import type { RawSeries } from "./format.ts";

/**
 * `p50` of a server, of its callers (`edge_`), or of who stands outside (`client_`); sets mark what
 * is not common to all by `other:`.
 */
const QUANTILE = /^(?:other:)?(?:edge_|client_)?latency_p(\d+(?:\.\d+)?)$/;
const MEAN = /^(?:other:)?(?:edge_|client_)?latency(?:_avg|_mean)?$/;
const COUNT = /^(?:other:)?edge_(requests|success_rate)$/;
/** A mean leans on the slow ones nearly as much as a p90 does. */
const MEAN_AS_QUANTILE = 0.9;

type Named = Pick<RawSeries, "signal" | "edge" | "reporter">;

/** What a series tells the judge; `edge-…` is counted by a caller of the service. */
export type Kind = "requests" | "success" | "edge-requests" | "edge-success" | "quantile";

/** Null for what the judge has no use for (machine metrics, calls that a service makes itself). */
export function kindOf(series: Named): Kind | null {
  // What a caller saw counts for the callee; the callee's own report of the same edge is its
  // server-side view again.
  if (series.edge !== undefined && (series.reporter ?? "source") !== "source") return null;
  if (QUANTILE.test(series.signal) || MEAN.test(series.signal)) return "quantile";
  const counted = series.edge === undefined ? series.signal : COUNT.exec(series.signal)?.[1];
  const of = series.edge === undefined ? "" : "edge-";
  if (counted === "requests") return `${of}requests`;
  return counted === "success_rate" ? `${of}success` : null;
}

export const isMean = (series: Named): boolean => MEAN.test(series.signal);

/**
 * Percent or per-mille are written in one set and not in another: 99 is the 0.99 quantile, 999 the
 * 0.999.
 */
export function quantileOf(signal: string): number {
  const digits = QUANTILE.exec(signal)?.[1];
  if (digits === undefined) return MEAN_AS_QUANTILE;
  const value = Number(digits);
  return value <= 100 ? value / 100 : value / 10 ** digits.length;
}

/** The service that a series is about: of an edge, the one that is called. */
export const ownerOf = (s: Pick<RawSeries, "service" | "edge">): string => s.edge?.[1] ?? s.service;
export const labelOf = (s: RawSeries): string => (s.edge === undefined ? s.signal : `${s.signal} seen by ${s.edge[0]}`);

/** Equal for the same series of two cases. */
export const keyOf = (s: Omit<RawSeries, "t" | "v">): string =>
  JSON.stringify([s.service, s.signal, s.edge ?? null, s.reporter ?? null]);

/**
 * Whether `value` can be what the signal says: a share above one or a latency of nothing is another
 * unit or a placeholder.
 */
export function isPossible(kind: Kind, value: number): boolean {
  if (kind === "success" || kind === "edge-success") return value >= 0 && value <= 1 + 1e-9;
  return kind === "quantile" ? value > 0 : value >= 0;
}
