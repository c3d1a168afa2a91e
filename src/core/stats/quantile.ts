import { quantileSorted } from "simple-statistics";

/**
 * Type-7 quantile (R's and NumPy's default) of the finite values of a sample; NaN when there are
 * none. Copies, then sorts numerically.
 * @throws Error if q lies outside [0, 1]
 * @example quantileOf([3, 1, 2], 0.5) // => 2
 */
export function quantileOf(values: ArrayLike<number>, q: number): number {
  const finite = Float64Array.from(values).filter(Number.isFinite).sort();
  return finite.length === 0 ? Number.NaN : quantileSorted(finite as unknown as number[], q);
}

/** Median of the finite values; NaN when there are none. */
export const medianOf = (values: ArrayLike<number>): number => quantileOf(values, 0.5);
