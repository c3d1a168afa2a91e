import type { Reporter } from "../../core/model/series.ts";
import { serviceOf } from "./classify.ts";
import type { Row } from "./instant.ts";
import { parseBound } from "./promql.ts";
import type { Signals } from "./signals.ts";

/** Latency and traffic of one service as one kind of reporter saw it. */
export interface Reported {
  requests: number;
  /** Successful requests at or under each bound (ms), and how many series have that bound. */
  readonly buckets: Map<number, { successes: number; series: number }>;
}
/** By service (`namespace/name`), then reporter. */
export type Distribution = Map<string, Map<Reporter, Reported>>;

/** Shares of successful requests that the three bounds should leave above them (judge.md §2.3). */
const EXCEEDANCES = [0.5, 0.1, 0.01] as const;

/** Adds the rows of the query `distribution` to `into`; asked at several times, they add up. */
export function addDistribution(into: Distribution, rows: readonly Row[], signals: Signals): void {
  for (const { labels, value } of rows) {
    const service = serviceOf(labels, signals);
    if (service === null || !Number.isFinite(value)) continue;
    const reported = reportedBy(into, `${service.namespace}/${service.name}`, service.reporter);
    if (labels.stat === "requests") {
      reported.requests += value;
      continue;
    }
    const bound = parseBound(labels.le ?? "");
    if (Number.isNaN(bound)) continue;
    const bucket = reported.buckets.get(bound) ?? { successes: 0, series: 0 };
    if (labels.stat === "series") bucket.series = Math.max(bucket.series, value);
    else bucket.successes += value;
    reported.buckets.set(bound, bucket);
  }
}

/**
 * At most three bounds, ascending, whose exceedance is nearest to 0.5, 0.1 and 0.01 in log ratio. A bound that not all series
 * have cannot be summed and is left out. Empty without successful requests.
 */
export function chooseBounds(reported: Reported | undefined): readonly number[] {
  if (reported === undefined) return [];
  const all = reported.buckets.get(Number.POSITIVE_INFINITY)?.successes ?? 0;
  if (!(all > 0)) return [];
  const candidates = sharedBounds(reported).map((bound) => {
    const slower = Math.max(0, all - (reported.buckets.get(bound)?.successes ?? 0));
    return { bound, logExceedance: Math.log((slower + 0.5) / (all + 1)) };
  });
  const chosen = EXCEEDANCES.flatMap((exceedance) => {
    const distance = (logExceedance: number): number => Math.abs(logExceedance - Math.log(exceedance));
    const best = candidates.reduce<(typeof candidates)[number] | null>(
      (a, b) => (a === null || distance(b.logExceedance) < distance(a.logExceedance) ? b : a),
      null,
    );
    return best === null ? [] : [best.bound];
  });
  return [...new Set(chosen)].sort((a, b) => a - b);
}

/** True when the pods of a service do not all have the same buckets. */
export function isMixed(reported: Reported | undefined): boolean {
  if (reported === undefined) return false;
  const counts = [...reported.buckets.values()].map(({ series }) => series).filter((series) => series > 0);
  return new Set(counts).size > 1;
}

/** Finite bounds that as many series have as any. */
function sharedBounds({ buckets }: Reported): readonly number[] {
  const most = Math.max(0, ...[...buckets.values()].map(({ series }) => series));
  return [...buckets]
    .filter(([bound, { series }]) => Number.isFinite(bound) && (series === 0 ? most === 0 : series === most))
    .map(([bound]) => bound)
    .sort((a, b) => a - b);
}

function reportedBy(into: Distribution, service: string, reporter: Reporter): Reported {
  let reporters = into.get(service);
  if (reporters === undefined) {
    reporters = new Map();
    into.set(service, reporters);
  }
  let reported = reporters.get(reporter);
  if (reported === undefined) {
    reported = { requests: 0, buckets: new Map() };
    reporters.set(reporter, reported);
  }
  return reported;
}
