import type { ServiceId } from "../model/cluster.ts";
import type { Observation, ServiceCounts } from "../model/series.ts";
import type { Signal } from "../model/verdict.ts";
import type { QuantileSeries } from "./input.ts";
import { masked } from "./masked.ts";
import type { ShareSeries } from "./share-deviate.ts";

interface TrackBase {
  readonly service: ServiceId;
  readonly signal: Signal;
  /** Equal for the same series in the observation and in the history. */
  readonly key: string;
}
/** A share of requests; latency has one row a bound, ascending. */
export interface ShareTrack extends TrackBase {
  readonly form: "share";
  readonly rows: readonly ShareSeries[];
  readonly boundsMs: readonly number[] | null;
}
export interface RateTrack extends TrackBase {
  readonly form: "rate";
  readonly n: Float64Array;
}
export interface QuantileTrack extends TrackBase {
  readonly form: "quantile";
  readonly values: Float64Array;
  readonly quantile: number;
  readonly requests: readonly Float64Array[];
}
/** One signal of one service on one grid, NaN where masked. */
export type Track = ShareTrack | RateTrack | QuantileTrack;

const keyOf = (service: ServiceId, signal: Signal, label = ""): string => `${service} ${signal} ${label}`;

function latencyTrack(s: ServiceCounts): ShareTrack[] {
  if (s.latency === null || s.latency.slow.length === 0) return [];
  const n = masked(s.latency.successes, s.valid);
  const rows = s.latency.slow.map((slow) => ({ k: masked(slow, s.valid), n }));
  const key = keyOf(s.service, "latency", s.latency.boundsMs.join(","));
  return [{ form: "share", service: s.service, signal: "latency", key, rows, boundsMs: s.latency.boundsMs }];
}

function connectionTrack(s: ServiceCounts): ShareTrack[] {
  if (s.connections === null) return [];
  const k = masked(s.connections.failed, s.valid);
  // Whether a failed connection counts as opened depends on when it failed: the larger number is what was tried.
  const n = masked(s.connections.opened, s.valid).map((opened, i) => Math.max(opened, k[i]!));
  const key = keyOf(s.service, "connections");
  return [{ form: "share", service: s.service, signal: "connections", key, rows: [{ k, n }], boundsMs: null }];
}

/** A service speaks only TCP when it has connections and never a request. */
const onlyTcp = (s: ServiceCounts): boolean => s.connections !== null && !s.requests.some((n) => n > 0);

function tracksOfService(s: ServiceCounts): Track[] {
  if (onlyTcp(s)) return connectionTrack(s);
  const n = masked(s.requests, s.valid);
  const k = masked(s.failures, s.valid);
  const failures: ShareTrack = {
    form: "share",
    service: s.service,
    signal: "failures",
    key: keyOf(s.service, "failures"),
    rows: [{ k, n }],
    boundsMs: null,
  };
  const rate: RateTrack = { form: "rate", service: s.service, signal: "rate", key: keyOf(s.service, "rate"), n };
  return [failures, ...latencyTrack(s), rate, ...connectionTrack(s)];
}

/** Every signal of every service that an observation holds. */
export function tracksOf(observation: Observation, quantiles: readonly QuantileSeries[] = []): Track[] {
  const fromCounts = observation.services.flatMap(tracksOfService);
  const fromQuantiles = quantiles.map(
    (q): QuantileTrack => ({
      form: "quantile",
      service: q.service,
      signal: "latency",
      key: keyOf(q.service, "latency", q.label),
      values: q.values,
      quantile: q.quantile,
      requests: q.requests,
    }),
  );
  return [...fromCounts, ...fromQuantiles];
}

/** The values that decide which steps of a track are known. */
export function knownBy(track: Track): Float64Array {
  switch (track.form) {
    case "share":
      return track.rows[0]!.n;
    case "rate":
      return track.n;
    case "quantile":
      return track.values;
  }
}

/** `length` steps from `from`, with NaN wherever `like` (of the same length) is unknown too, so that both have the same holes. */
export function cutTrack(track: Track, from: number, length: number, like: Float64Array | null): Track {
  const cut = (values: Float64Array): Float64Array => {
    const part = values.subarray(from, from + length);
    return like === null ? part : part.map((x, i) => (Number.isNaN(like[i]) ? Number.NaN : x));
  };
  switch (track.form) {
    case "share": {
      const n = cut(track.rows[0]!.n);
      return { ...track, rows: track.rows.map((row) => ({ k: cut(row.k), n })) };
    }
    case "rate":
      return { ...track, n: cut(track.n) };
    case "quantile":
      return { ...track, values: cut(track.values), requests: track.requests.map(cut) };
  }
}
