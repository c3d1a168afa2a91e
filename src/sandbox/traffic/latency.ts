import { binomial, type RandomGenerator } from "../random.ts";

/** Istio's default bounds in ms; a last bucket without bound follows. */
export const BOUNDS_MS: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
];
const LOG_BOUNDS = BOUNDS_MS.map(Math.log);

/** Standard normal distribution function; Abramowitz & Stegun 26.2.17, error below 7.5e-8. */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    0.3989422804014327 *
    Math.exp((-z * z) / 2) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z < 0 ? tail : 1 - tail;
}

/** Share of a log-normal latency at or below bound `k`. */
export const shareWithin = (k: number, logMedian: number, sigma: number): number =>
  k >= LOG_BOUNDS.length ? 1 : normalCdf((LOG_BOUNDS[k]! - logMedian) / sigma);

/** Beyond this many standard deviations no request is ever drawn. */
const TAIL = 5;

/**
 * Spreads `n` requests with log-normal latency over the buckets: `visit(k, count)` for each bucket
 * that received some, ascending; bucket `BOUNDS_MS.length` has no upper bound.
 */
export function drawBuckets(
  random: RandomGenerator,
  n: number,
  logMedian: number,
  sigma: number,
  visit: (bucket: number, count: number) => void,
): void {
  let left = n;
  let below = 0;
  const lowest = logMedian - TAIL * sigma;
  for (let k = 0; left > 0; k++) {
    if (k < LOG_BOUNDS.length && LOG_BOUNDS[k]! < lowest) continue;
    const within = shareWithin(k, logMedian, sigma);
    const count = k >= LOG_BOUNDS.length ? left : binomial(random, left, (within - below) / (1 - below));
    below = within;
    if (count === 0) continue;
    left -= count;
    visit(k, count);
  }
}

/** The bucket that counts a latency. */
export function bucketOf(latencyMs: number): number {
  const bucket = BOUNDS_MS.findIndex((bound) => latencyMs <= bound);
  return bucket < 0 ? BOUNDS_MS.length : bucket;
}
