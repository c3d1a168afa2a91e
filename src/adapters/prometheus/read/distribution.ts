import type { Reporter } from "../../../core/model/series.ts";
import type { Row } from "../client/instant.ts";
import type { OnSeries } from "../client/matrix-reader.ts";
import { callerOf, serviceOf } from "../signals/classify.ts";
import { atOrUnder, knownBounds, type NativeBucket } from "../signals/native.ts";
import { parseBound } from "../signals/promql.ts";
import { isShort } from "../signals/reporter.ts";
import type { Signals } from "../signals/signals.ts";

/** Latency and traffic of one service as one kind of reporter saw it. */
export interface Reported {
  /** Successful requests by caller (`namespace/name`, empty when not known). */
  readonly requests: Map<string, number>;
  /** Buckets that do not say which requests failed. */
  unlabelled: number;
  /** Successful requests at or under each bound (ms), and how many series have that bound. */
  readonly buckets: Map<number, { successes: number; series: number }>;
  /**
   * The same as native histograms, where these are scraped: their number of series, and successful
   * requests by bucket.
   */
  readonly native: { series: number; successes: number; readonly buckets: NativeBucket[] };
}
/** By service (`namespace/name`), then reporter. */
export type Distribution = Map<string, Map<Reporter, Reported>>;

/** In which form a service's latency is read: `_bucket` series, or native histograms. */
export type HistogramForm = "classic" | "native";

/** Shares of successful requests that the three bounds should leave above them (judge.md §2.3). */
const EXCEEDANCES = [0.5, 0.1, 0.01] as const;
const SLOWEST = 0.01;
/**
 * Where both forms are scraped they say the same; classic ones that saw less than this share come
 * from some pods only.
 */
const ENOUGH = 0.9;

/**
 * Adds the rows of the query `distribution` to `into`, counts times `scale`; those of several
 * queries that have no series in common add up.
 */
export function addDistribution(into: Distribution, rows: readonly Row[], signals: Signals, scale = 1): void {
  for (const { labels, value } of rows) {
    const service = serviceOf(labels, signals);
    if (service === null || !Number.isFinite(value)) continue;
    const reported = reportedBy(into, `${service.namespace}/${service.name}`, service.reporter);
    if (labels.stat === "requests") {
      const caller = callerOf(labels, signals);
      reported.requests.set(caller, value * scale + (reported.requests.get(caller) ?? 0));
      continue;
    }
    if (labels.stat === "unlabelled") {
      reported.unlabelled += value;
      continue;
    }
    if (labels.stat === "native") {
      reported.native.series += value;
      continue;
    }
    const bound = parseBound(labels.le ?? "");
    if (Number.isNaN(bound)) continue;
    const bucket = reported.buckets.get(bound) ?? { successes: 0, series: 0 };
    if (labels.stat === "series") bucket.series += value;
    else bucket.successes += value * scale;
    reported.buckets.set(bound, bucket);
  }
}

/** Adds a look to earlier ones: its counts add up, its series are the same ones. */
export function addLook(into: Distribution, look: Distribution): void {
  for (const [service, reporters] of look) {
    for (const [reporter, { requests, unlabelled, buckets, native }] of reporters) {
      const all = reportedBy(into, service, reporter);
      for (const [caller, amount] of requests) all.requests.set(caller, amount + (all.requests.get(caller) ?? 0));
      all.unlabelled = Math.max(all.unlabelled, unlabelled);
      all.native.series = Math.max(all.native.series, native.series);
      all.native.successes += native.successes;
      all.native.buckets.push(...native.buckets);
      for (const [bound, { successes, series }] of buckets) {
        const known = all.buckets.get(bound) ?? { successes: 0, series: 0 };
        all.buckets.set(bound, {
          successes: known.successes + successes,
          series: Math.max(known.series, series),
        });
      }
    }
  }
}

/** Takes the answer of the query `native` over `spanMs`; asked at several times, they add up. */
export function nativeAdder(into: Distribution, spanMs: number, signals: Signals): OnSeries {
  return (labels, { histograms = [] }) => {
    const service = serviceOf(labels, signals);
    if (service === null) return;
    const { native } = reportedBy(into, `${service.namespace}/${service.name}`, service.reporter);
    for (const { count, buckets } of histograms) {
      if (!(count >= 0)) continue;
      native.successes += (count * spanMs) / 1000;
      for (const bucket of buckets) native.buckets.push({ ...bucket, count: (bucket.count * spanMs) / 1000 });
    }
  };
}

/** Whether anybody scrapes native histograms of the mesh. */
export const hasNative = (distribution: Distribution): boolean =>
  [...distribution.values()].some((reporters) => [...reporters.values()].some(({ native }) => native.series > 0));

/**
 * The one form in which a service's latency is read, never both: classic buckets unless they are
 * missing.
 */
export function chooseForm(reported: Reported | undefined): HistogramForm {
  const native = reported?.native.successes ?? 0;
  const classic = reported?.buckets.get(Number.POSITIVE_INFINITY)?.successes ?? 0;
  return native > 0 && classic < ENOUGH * native ? "native" : "classic";
}

/**
 * Share of the successful requests that the form which is read has counted, where that is fewer
 * than chance explains; null when it is all of them, or when nobody knows.
 */
export function coveredShare(reported: Reported | undefined): number | null {
  if (reported === undefined) return null;
  const { all } = cumulated(reported);
  const requests = [...reported.requests.values()].reduce((sum, amount) => sum + amount, 0);
  return all > 0 && isShort(all, requests) ? all / requests : null;
}

/**
 * At most three bounds, ascending, whose exceedance is nearest to 0.5, 0.1 and 0.01 in log ratio. A
 * bound that not all series have cannot be summed and is left out. Empty without successful
 * requests.
 */
export function chooseBounds(reported: Reported | undefined): readonly number[] {
  if (reported === undefined) return [];
  const { all, fast } = cumulated(reported);
  if (!(all > 0)) return [];
  const candidates = fast.map(([bound, successes]) => {
    const slower = Math.max(0, all - successes);
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

/**
 * True while all these bounds can be read of a service; of one that had no successful request
 * nobody can tell, so they are kept.
 */
export function canRead(reported: Reported | undefined, boundsMs: readonly number[]): boolean {
  if (reported === undefined || !(cumulated(reported).all > 0)) return true;
  return chooseForm(reported) === "native"
    ? boundsMs.every((bound) => atOrUnder(reported.native.buckets, bound) !== null)
    : boundsMs.every((bound) => reported.buckets.has(bound));
}

/**
 * A bound, ms, that a hundredth of the successful requests took longer than; 0 when there is none,
 * or nothing was successful.
 */
export function slowestMs(reported: Reported): number {
  const { all, fast } = cumulated(reported);
  const longer = fast.filter(([, successes]) => all > 0 && all - successes >= SLOWEST * all);
  return longer.at(-1)?.[0] ?? 0;
}

/** True when the pods of a service do not all have the same buckets. */
export function isMixed(reported: Reported | undefined): boolean {
  if (reported === undefined) return false;
  const counts = [...reported.buckets.values()].map(({ series }) => series).filter((series) => series > 0);
  return new Set(counts).size > 1;
}

/**
 * Successful requests in the form that is read: all, and those at or under each bound, ascending.
 */
function cumulated(reported: Reported): {
  readonly all: number;
  readonly fast: readonly (readonly [bound: number, successes: number])[];
} {
  const { buckets, native } = reported;
  if (chooseForm(reported) === "native") {
    const fast = knownBounds(native.buckets).flatMap((bound) => {
      const successes = atOrUnder(native.buckets, bound);
      return successes === null ? [] : [[bound, successes] as const];
    });
    return { all: native.successes, fast };
  }
  const fast = sharedBounds(reported).map((bound) => [bound, buckets.get(bound)?.successes ?? 0] as const);
  return { all: buckets.get(Number.POSITIVE_INFINITY)?.successes ?? 0, fast };
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
    reported = {
      requests: new Map(),
      unlabelled: 0,
      buckets: new Map(),
      native: { series: 0, successes: 0, buckets: [] },
    };
    reporters.set(reporter, reported);
  }
  return reported;
}
