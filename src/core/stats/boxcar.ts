/**
 * Steps where something began and ended: `[from, to)`, each with the range that the data do not
 * exclude.
 */
export interface Boxcar {
  readonly from: number;
  readonly to: number;
  readonly fromRange: { readonly low: number; readonly high: number };
  readonly toRange: { readonly low: number; readonly high: number };
}

/**
 * 95 % of twice the drop of the log likelihood at a change point: the argmax of a two-sided
 * Brownian motion with drift, P(≤ c) = (1 − e^(−c/2))². Hansen (2000),
 * https://doi.org/10.1111/1468-0262.00124; judge.md §2.9 (3.84 undercovers).
 */
const CRITICAL = 7.35;

export interface BoxcarModel {
  /** Of a pooled stretch at its own best level. */
  logLikelihood(k: number, n: number): number;
  /** Whether the inside must lie above (failures) or below (traffic). */
  readonly higher: boolean;
  /** Variance beyond chance, ≥ 1. */
  readonly dispersion: number;
}

/**
 * Fits "one level outside, another inside [a, b)" to counts by maximal quasi-likelihood over all a
 * ≥ `start` and b > a; b = length means that it had not ended. O(steps²).
 * @param k successes (or counts), @param n trials (or exposure); steps with n = 0 say nothing
 * @returns null when no stretch lies on that side
 */
export function boxcar(
  k: ArrayLike<number>,
  n: ArrayLike<number>,
  start: number,
  { logLikelihood, higher, dispersion }: BoxcarModel,
): Boxcar | null {
  const length = n.length;
  const ks = new Float64Array(length + 1);
  const ns = new Float64Array(length + 1);
  for (let i = 0; i < length; i++) {
    ks[i + 1] = ks[i]! + k[i]!;
    ns[i + 1] = ns[i]! + n[i]!;
  }
  const byFrom = new Float64Array(length + 1).fill(Number.NEGATIVE_INFINITY);
  const byTo = new Float64Array(length + 1).fill(Number.NEGATIVE_INFINITY);
  let best = { from: -1, to: -1, value: Number.NEGATIVE_INFINITY };
  for (let a = start; a < length; a++) {
    for (let b = a + 1; b <= length; b++) {
      const [k1, n1] = [ks[b]! - ks[a]!, ns[b]! - ns[a]!];
      const [k0, n0] = [ks[length]! - k1, ns[length]! - n1];
      if (n1 <= 0 || n0 <= 0) continue;
      const above = k1 / n1 > k0 / n0;
      if (above !== higher || k1 / n1 === k0 / n0) continue;
      const value = logLikelihood(k1, n1) + logLikelihood(k0, n0);
      if (value > byFrom[a]!) byFrom[a] = value;
      if (value > byTo[b]!) byTo[b] = value;
      if (value > best.value) best = { from: a, to: b, value };
    }
  }
  if (best.from < 0) return null;
  const allowed = (profile: Float64Array) => {
    const inside = [...profile.keys()].filter((i) => (2 * (best.value - profile[i]!)) / dispersion <= CRITICAL);
    return { low: inside[0]!, high: inside[inside.length - 1]! };
  };
  return { from: best.from, to: best.to, fromRange: allowed(byFrom), toRange: allowed(byTo) };
}

const xLogX = (x: number, y: number): number => (x > 0 ? x * Math.log(x / y) : 0);

/** Binomial log likelihood of k of n at its own share, without the constant. */
export const binomialLogLikelihood = (k: number, n: number): number => xLogX(k, n) + xLogX(n - k, n);
/** Poisson log likelihood of k counts in exposure n at its own rate, without the constant. */
export const poissonLogLikelihood = (k: number, n: number): number => xLogX(k, n) - k;
