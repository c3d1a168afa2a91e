import { logGamma } from "./log-gamma.ts";

/** Φ⁻¹(0.95): one-sided 95 %. */
export const Z_ONE_SIDED = 1.6448536269514722;
/** Φ⁻¹(0.975): two-sided 95 %. */
export const Z_TWO_SIDED = 1.959963984540054;
const SQRT_2PI = Math.sqrt(2 * Math.PI);
/** Below this, the density is smaller than any double and a continued fraction carries the tail. */
const TAIL_STARTS = 2.5;

/**
 * Regularised lower incomplete gamma P(½, x) by its series; good for small x. Numerical Recipes
 * §6.2.
 */
function lowerHalfGamma(x: number): number {
  if (x <= 0) return 0;
  let term = 2;
  let sum = 2;
  for (let n = 1; n < 200; n++) {
    term *= x / (0.5 + n);
    sum += term;
    if (term < sum * 1e-17) break;
  }
  return sum * Math.exp(-x + 0.5 * Math.log(x) - logGamma(0.5));
}

/**
 * Mills ratio (1 − Φ(z)) / φ(z) for z ≥ 2.5, by Lentz's form of the continued fraction z + 1/(z +
 * 2/(z + 3/…)).
 */
function millsRatio(z: number): number {
  let c = z;
  let d = 0;
  let f = z;
  for (let n = 1; n < 500; n++) {
    d = 1 / (z + n * d);
    c = z + n / c;
    const step = c * d;
    f *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return 1 / f;
}

/**
 * ln(1 − Φ(z)): the log of the upper tail of the standard normal, finite for every finite z. Series
 * below 2.5, continued fraction above (Abramowitz & Stegun 26.2.14); relative error of the tail
 * under 1e-12.
 * @example logNormalUpperTail(40) // => -804.608…
 */
export function logNormalUpperTail(z: number): number {
  if (z > TAIL_STARTS) return Math.log(millsRatio(z)) - 0.5 * z * z - Math.log(SQRT_2PI);
  return Math.log(normalUpperTail(z));
}

/**
 * 1 − Φ(z), accurate in the tail until it underflows (z ≈ 38).
 * @example normalUpperTail(1.959963984540054) // => 0.025
 */
export function normalUpperTail(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  if (!Number.isFinite(z)) return z > 0 ? 0 : 1;
  if (z > TAIL_STARTS) return Math.exp(logNormalUpperTail(z));
  if (z < -TAIL_STARTS) return 1 - normalUpperTail(-z);
  const half = 0.5 * lowerHalfGamma(0.5 * z * z);
  return z > 0 ? 0.5 - half : 0.5 + half;
}

/** Starting point of the inverse, |error| < 4.5e-4: Abramowitz & Stegun 26.2.23. */
function roughUpperQuantile(logP: number): number {
  const t = Math.sqrt(-2 * logP);
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

/**
 * The z with ln(1 − Φ(z)) = logP: the inverse of `logNormalUpperTail`, by Newton's method on the
 * log tail.
 * @throws RangeError if logP is positive or NaN
 * @example normalUpperQuantileOfLog(Math.log(0.001)) // => 3.0902…
 */
export function normalUpperQuantileOfLog(logP: number): number {
  if (!(logP <= 0)) throw new RangeError(`a log probability is at most 0, not ${logP}`);
  if (logP === 0) return Number.NEGATIVE_INFINITY;
  if (logP === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
  // Above one half the mirrored tail is the accurate one.
  if (logP > -Math.LN2) return -normalUpperQuantileOfLog(Math.log(-Math.expm1(logP)));
  let z = Math.max(roughUpperQuantile(logP), 0);
  for (let i = 0; i < 12; i++) {
    const tail = logNormalUpperTail(z);
    const hazard = Math.exp(-0.5 * z * z - Math.log(SQRT_2PI) - tail);
    const step = (tail - logP) / hazard;
    z += step;
    if (Math.abs(step) < 1e-14 * Math.max(1, z)) break;
  }
  return z;
}

/**
 * Φ⁻¹(p); −∞ at 0, ∞ at 1.
 * @throws RangeError outside [0, 1]
 * @example normalQuantile(0.975) // => 1.959963984540054
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a probability lies in [0, 1], not ${p}`);
  return p < 0.5 ? -normalUpperQuantileOfLog(Math.log(p)) : normalUpperQuantileOfLog(Math.log1p(-p));
}
