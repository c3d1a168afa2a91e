/** Generalised Pareto tail beyond a threshold: P(excess > x) = (1 + ξx/σ)^(−1/ξ). */
export interface ParetoTail {
  readonly shape: number;
  readonly scale: number;
}

/**
 * A shape above this has hardly a mean; below 0 the tail would end, and no null of ours may promise
 * an end.
 */
const MAX_SHAPE = 0.8;

/**
 * Fits the tail to excesses by probability-weighted moments, closed form: Hosking & Wallis (1987),
 * https://doi.org/10.1080/00401706.1987.10488243; judge.md §2.5 item 2. The shape is held in [0,
 * 0.8]; at 0 the scale is at least the mean excess.
 * @throws RangeError with fewer than two excesses
 */
export function fitParetoTail(excesses: ArrayLike<number>): ParetoTail {
  const n = excesses.length;
  if (n < 2) throw new RangeError("at least two excesses are needed");
  const sorted = new Float64Array(excesses).sort();
  let a0 = 0;
  let a1 = 0;
  for (let i = 0; i < n; i++) {
    a0 += sorted[i]! / n;
    a1 += (sorted[i]! * (n - 1 - i)) / (n - 1) / n;
  }
  if (a0 <= 2 * a1 + 1e-12) return { shape: 0, scale: Math.max(a0, 1e-9) };
  const shape = 2 - a0 / (a0 - 2 * a1);
  const scale = (2 * a0 * a1) / (a0 - 2 * a1);
  if (shape <= 0) return { shape: 0, scale: Math.max(scale, a0) };
  return { shape: Math.min(shape, MAX_SHAPE), scale };
}

/**
 * P(excess > x).
 * @example paretoUpperTail({ shape: 0, scale: 2 }, 2) // => 1/e
 */
export function paretoUpperTail({ shape, scale }: ParetoTail, x: number): number {
  if (x <= 0) return 1;
  return shape < 1e-6 ? Math.exp(-x / scale) : (1 + (shape * x) / scale) ** (-1 / shape);
}

/**
 * The excess that is exceeded with probability `p`, 0 < p ≤ 1: inverse of `paretoUpperTail`.
 * @example paretoUpperQuantile({ shape: 0, scale: 2 }, 1 / Math.E) // => 2
 */
export function paretoUpperQuantile({ shape, scale }: ParetoTail, p: number): number {
  return shape < 1e-6 ? -scale * Math.log(p) : (scale / shape) * (p ** -shape - 1);
}
