/** x ln(x / y), 0 at x = 0. */
const xLogRatio = (x: number, y: number): number => (x > 0 ? x * Math.log(x / y) : 0);

/**
 * Signed root of the binomial deviance of `k` successes in `m` trials (both may be fractional)
 * against probability `p`: about standard normal under p, and far better in the tail than (k −
 * mp)/√(mp(1−p)). 0 if there were no trials. McCullagh & Nelder (1989), Generalized Linear Models
 * §4.4; judge.md §2.2.
 * @throws RangeError unless 0 < p < 1
 * @example signedRootBinomial(1, 5, 1e-4) // => 3.66, where Wald's z is 45
 */
export function signedRootBinomial(k: number, m: number, p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`the probability must lie inside (0, 1), not ${p}`);
  if (!(m > 0)) return 0;
  const deviance = 2 * (xLogRatio(k, m * p) + xLogRatio(m - k, m * (1 - p)));
  const root = Math.sqrt(Math.max(deviance, 0));
  return k > m * p ? root : -root;
}

/**
 * Signed root of the Poisson deviance of a count `m` (may be fractional) against its expectation
 * `mu`.
 * @throws RangeError unless mu > 0
 * @example signedRootPoisson(0, 8) // => -4
 */
export function signedRootPoisson(m: number, mu: number): number {
  if (!(mu > 0)) throw new RangeError(`the expectation must be positive, not ${mu}`);
  const root = Math.sqrt(Math.max(2 * (xLogRatio(m, mu) - (m - mu)), 0));
  return m > mu ? root : -root;
}
