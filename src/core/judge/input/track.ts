import type { ServiceId } from "../../model/cluster.ts";
import type { Counts, Observation, ServiceCounts } from "../../model/series.ts";
import type { Signal } from "../../model/verdict.ts";
import { fresh, type Take } from "./arena.ts";
import { isCount, masked, sumKnown } from "./masked.ts";
import type { QuantileSeries } from "./quantile-series.ts";
import type { Windows } from "./windows.ts";

/** `k` of `n` requests a step (failed, or slower than a bound); NaN in both where masked. */
export interface ShareSeries {
  readonly k: Float64Array;
  readonly n: Float64Array;
}

interface TrackBase {
  readonly service: ServiceId;
  readonly signal: Signal;
  /** Equal for the same series in the observation and in the history. */
  readonly key: string;
  /** 0 where nothing was scraped: a hole that a placebo must have too. */
  readonly valid: Uint8Array;
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

function latencyTrack(s: ServiceCounts, take: Take): ShareTrack[] {
  if (s.latency === null || s.latency.slow.length === 0) return [];
  const { successes, slow, boundsMs } = s.latency;
  const rows = slow.map((k) => shareOf(k, successes, s.valid, take));
  const key = keyOf(s.service, "latency", boundsMs.join(","));
  return [{ form: "share", service: s.service, signal: "latency", key, valid: s.valid, rows, boundsMs }];
}

function connectionTrack(s: ServiceCounts, take: Take): ShareTrack[] {
  if (s.connections === null) return [];
  const { opened, failed } = s.connections;
  // Whether a failed connection counts as opened depends on when it failed: the larger number is
  // what was tried.
  const tried = opened.map((n, i) => Math.max(n, failed[i]!));
  const rows = [shareOf(failed, tried, s.valid, take)];
  const key = keyOf(s.service, "connections");
  return [{ form: "share", service: s.service, signal: "connections", key, valid: s.valid, rows, boundsMs: null }];
}

/** `k` of `n`, both unknown where either is, and never more than all of them. */
function shareOf(k: Counts, n: Counts, valid: Uint8Array, take: Take): ShareSeries {
  const [ks, ns] = [take(k.length), take(k.length)];
  for (let i = 0; i < ks.length; i++) {
    const [some, all] = [k[i]!, n[i]!];
    const isKnown = valid[i] !== 0 && isCount(some) && isCount(all);
    ks[i] = isKnown ? Math.min(some, all) : Number.NaN;
    ns[i] = isKnown ? all : Number.NaN;
  }
  return { k: ks, n: ns };
}

/** A service speaks only TCP when it has connections and never a request that is known. */
const onlyTcp = (s: ServiceCounts): boolean =>
  s.connections !== null && !s.requests.some((n, i) => n > 0 && s.valid[i] !== 0);

/** Tracks of the signals that could be read. */
function tracksOfService(s: ServiceCounts, take: Take): Track[] {
  const { unread } = s;
  const tracks = allTracksOf(s, take);
  return unread === undefined ? tracks : tracks.filter(({ signal }) => unread[signal] === undefined);
}

function allTracksOf(s: ServiceCounts, take: Take): Track[] {
  if (onlyTcp(s)) return connectionTrack(s, take);
  const failures: ShareTrack = {
    form: "share",
    service: s.service,
    signal: "failures",
    key: keyOf(s.service, "failures"),
    valid: s.valid,
    rows: [shareOf(s.failures, s.requests, s.valid, take)],
    boundsMs: null,
  };
  const rate: RateTrack = {
    form: "rate",
    service: s.service,
    signal: "rate",
    key: keyOf(s.service, "rate"),
    valid: s.valid,
    n: masked(s.requests, s.valid, take),
  };
  return [failures, ...latencyTrack(s, take), rate, ...connectionTrack(s, take)];
}

/** Every signal of every service that an observation holds; its arrays come from `take`. */
export function tracksOf(
  observation: Observation,
  quantiles: readonly QuantileSeries[] = [],
  take: Take = fresh,
): Track[] {
  const validOf = new Map(observation.services.map((s) => [s.service, s.valid]));
  const scraped = new Uint8Array(observation.grid.steps).fill(1);
  const fromCounts = observation.services.flatMap((s) => tracksOfService(s, take));
  const fromQuantiles = quantiles.map(
    (q): QuantileTrack => ({
      form: "quantile",
      service: q.service,
      signal: "latency",
      key: keyOf(q.service, "latency", q.label),
      valid: validOf.get(q.service) ?? scraped,
      values: masked(q.values, validOf.get(q.service) ?? scraped),
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

/**
 * `length` steps from `from`, with NaN wherever `like` (of the same length) is 0, so that both have
 * the same holes.
 */
export function cutTrack(track: Track, from: number, length: number, like: Uint8Array | null): Track {
  const valid = track.valid.subarray(from, from + length);
  const cut = (values: Float64Array): Float64Array => {
    const part = values.subarray(from, from + length);
    return like === null ? part : part.map((x, i) => (like[i] === 0 ? Number.NaN : x));
  };
  switch (track.form) {
    case "share": {
      const rows = track.rows.map((row) => ({ k: cut(row.k), n: cut(row.n) }));
      return { ...track, valid, rows };
    }
    case "rate":
      return { ...track, valid, n: cut(track.n) };
    case "quantile":
      return { ...track, valid, values: cut(track.values), requests: track.requests.map(cut) };
  }
}

/** Not one request, or not one step that was scraped, before or after. */
export function isIdle(track: Track, { before, after }: Windows): boolean {
  const values = knownBy(track);
  return !(sumKnown(values, before) > 0 || sumKnown(values, after) > 0);
}
