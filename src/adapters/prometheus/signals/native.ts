import * as z from "zod";
import { parseSample } from "./promql.ts";

/**
 * A bucket of a native histogram: what was larger than `low` and at most `high`; not cumulative.
 */
export interface NativeBucket {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** A native histogram as the HTTP API tells it: buckets without observations are left out. */
export interface NativeHistogram {
  readonly atMs: number;
  readonly count: number;
  readonly buckets: readonly NativeBucket[];
}

const Histograms = z.array(
  z.tuple([
    z.number(),
    z.object({
      count: z.string(),
      buckets: z.array(z.tuple([z.number(), z.string(), z.string(), z.string()])).optional(),
    }),
  ]),
);

/**
 * Reads `histograms` of a series: pairs of seconds and a histogram, whose buckets say by a rule
 * which of their ends belong to them, then the ends and the count. The rule is not needed: the
 * upper end of what was positive always does.
 * https://prometheus.io/docs/prometheus/latest/querying/api/#native-histograms
 * @throws SyntaxError if it is something else
 */
export function nativeHistograms(told: unknown): readonly NativeHistogram[] {
  const parsed = Histograms.safeParse(told);
  if (!parsed.success) throw new SyntaxError("native histograms were expected");
  return parsed.data.map(([seconds, { count, buckets = [] }]) => ({
    atMs: Math.round(seconds * 1000),
    count: parseSample(count),
    buckets: buckets.map(([, low, high, some]) => ({
      low: parseSample(low),
      high: parseSample(high),
      count: parseSample(some),
    })),
  }));
}

/**
 * Exponential buckets divide each power of two into at most 2^8:
 * https://prometheus.io/docs/specs/native_histograms/#schema
 */
const FINEST_SCHEMA = 8;
/** Boundaries are printed with all their digits; this is for the logarithm. */
const NEAR = 1e-6;

/** Observations at or under `bound`, or null when a bucket reaches across it: then nobody knows. */
export function atOrUnder(buckets: readonly NativeBucket[], bound: number): number | null {
  let count = 0;
  for (const { low, high, count: some } of buckets) {
    if (high <= bound) count += some;
    else if (low < bound) return null;
  }
  return count;
}

/**
 * Bounds at which the cumulative count is known, ascending. Every power of two is a boundary of
 * exponential buckets of any resolution, so these stay exact when the resolution changes. Of custom
 * buckets, and where it cannot be told, they are the ends of buckets that were seen.
 */
export function knownBounds(buckets: readonly NativeBucket[]): readonly number[] {
  const seen = buckets.flatMap(({ low, high }) => [low, high]);
  const ends = [...new Set(seen)].filter((end) => end > 0 && Number.isFinite(end)).sort((a, b) => a - b);
  if (!isExponential(ends)) return ends;
  const [first, last] = [Math.floor(Math.log2(ends[0]!)), Math.ceil(Math.log2(ends.at(-1)!))];
  return Array.from({ length: last - first + 1 }, (_, i) => 2 ** (first + i));
}

/**
 * Ends that are all roots of powers of two, and not just whole powers: nobody writes such bounds by
 * hand.
 */
function isExponential(ends: readonly number[]): boolean {
  const logarithms = ends.map((end) => Math.log2(end));
  const whole = (n: number): boolean => Math.abs(n - Math.round(n)) < NEAR;
  return logarithms.every((n) => whole(n * 2 ** FINEST_SCHEMA)) && !logarithms.every(whole);
}
