/**
 * Correlation ρ of requests inside one step, by moments: how much the failures of a step swing
 * beyond binomial chance. Clipped to [0, ½]. `sum of [(k − np)²/(p(1−p)) − n] ÷ sum of n(n−1)` over
 * known steps with at least one request (judge.md §2.2). Williams (1982),
 * https://doi.org/10.2307/2347977.
 * @param k successes a step, @param n trials a step, @param p the long-run share, inside (0, 1)
 * @example intraStepCorrelation(Float64Array.of(0, 10), Float64Array.of(10, 10), 0.5) // => 0.5, all or nothing
 */
export function intraStepCorrelation(k: ArrayLike<number>, n: ArrayLike<number>, p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`the share must lie inside (0, 1), not ${p}`);
  let excess = 0;
  let pairs = 0;
  for (let i = 0; i < n.length; i++) {
    const trials = n[i]!;
    if (!(trials >= 1)) continue;
    excess += (k[i]! - trials * p) ** 2 / (p * (1 - p)) - trials;
    pairs += trials * (trials - 1);
  }
  return Math.min(Math.max(excess / Math.max(pairs, 1), 0), 0.5);
}

/**
 * Requests that `requests` in `steps` steps are worth when they swing together with correlation
 * `rho`: m / (1 + (m/steps − 1)⁺ρ).
 * @example effectiveRequests(1000, 10, 0.01) // => 502.5…
 */
export function effectiveRequests(requests: number, steps: number, rho: number): number {
  if (!(requests > 0)) return 0;
  return requests / (1 + Math.max(requests / steps - 1, 0) * rho);
}

/**
 * Squared relative swing ν of a rate beyond Poisson: (variance − mean)/mean² of the counts a step,
 * clipped to [floor, 4]. The floor keeps a handful of calm steps from promising that traffic never
 * stops by itself (judge.md §2.16 step 3).
 * @param sum of the counts, @param squares sum of their squares, @param n how many
 * @example relativeVariance(60, 1400, 3, 0) // => 0.2: counts 10, 20, 30
 */
export function relativeVariance(sum: number, squares: number, n: number, floor: number): number {
  if (n < 2 || sum <= 0) return floor;
  const mean = sum / n;
  const variance = Math.max(squares - n * mean * mean, 0) / (n - 1);
  return Math.min(Math.max((variance - mean) / mean ** 2, floor), 4);
}
