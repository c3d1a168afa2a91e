import { logBeta } from "./log-gamma.ts";

const TINY = 1e-300;

/** Continued fraction of the incomplete beta function by Lentz's method: Numerical Recipes §6.4. */
function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  d = 1 / (Math.abs(d) < TINY ? TINY : d);
  let h = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + even * d;
    d = 1 / (Math.abs(d) < TINY ? TINY : d);
    c = 1 + even / c;
    c = Math.abs(c) < TINY ? TINY : c;
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + odd * d;
    d = 1 / (Math.abs(d) < TINY ? TINY : d);
    c = 1 + odd / c;
    c = Math.abs(c) < TINY ? TINY : c;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return h;
}

/**
 * ln Iₓ(a, b), the log of the regularised incomplete beta function: finite far below what `Iₓ`
 * itself can hold.
 * @param lnBeta ln B(a, b), for many x of the same a and b
 * @throws RangeError unless 0 ≤ x ≤ 1 and a, b > 0
 * @example Math.exp(logIncompleteBeta(0.5, 2, 2)) // => 0.5
 */
export function logIncompleteBeta(x: number, a: number, b: number, lnBeta = logBeta(a, b)): number {
  if (!(x >= 0 && x <= 1 && a > 0 && b > 0)) throw new RangeError(`incomplete beta needs 0 ≤ x ≤ 1 and a, b > 0`);
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x === 1) return 0;
  const front = a * Math.log(x) + b * Math.log1p(-x) - lnBeta;
  if (x < (a + 1) / (a + b + 2)) return front - Math.log(a) + Math.log(fraction(x, a, b));
  return Math.log1p(-Math.exp(front - Math.log(b)) * fraction(1 - x, b, a));
}
