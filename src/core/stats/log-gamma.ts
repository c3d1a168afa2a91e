import { gammaln } from "simple-statistics";

/**
 * ln Γ(x) for x > 0: simple-statistics' Lanczos sum (relative error about 1e-13), with Stirling's
 * series above 100, where differences of two large values are what counts.
 * @example logGamma(5) // => ln 24
 */
export function logGamma(x: number): number {
  if (x < 100) return gammaln(x);
  const inverse = 1 / x;
  const square = inverse * inverse;
  const tail = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260)));
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + tail;
}

/** ln B(a, b) for a, b > 0. */
export const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);
