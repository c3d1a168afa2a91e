/**
 * Smallest k with P(X ≤ k) ≥ level for X ~ Binomial(n, p), by adding up; meant for n of a few
 * thousand at most.
 * @throws RangeError unless 0 < p < 1 and 0 < level < 1
 * @example binomialQuantile(0.999, 200, 0.01) // => 7
 */
export function binomialQuantile(level: number, n: number, p: number): number {
  if (!(p > 0 && p < 1 && level > 0 && level < 1)) throw new RangeError("p and level must lie inside (0, 1)");
  let logTerm = n * Math.log1p(-p);
  let sum = Math.exp(logTerm);
  let k = 0;
  while (sum < level && k < n) {
    logTerm += Math.log((n - k) / (k + 1)) + Math.log(p) - Math.log1p(-p);
    k++;
    sum += Math.exp(logTerm);
  }
  return k;
}
