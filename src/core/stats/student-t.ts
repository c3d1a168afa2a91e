import { logIncompleteBeta } from "./incomplete-beta.ts";
import { logBeta } from "./log-gamma.ts";
import { logNormalUpperTail, normalUpperQuantileOfLog } from "./normal.ts";

/**
 * ln P(T > t) for Student's t with `df` degrees of freedom.
 * @param lnBeta ln B(df/2, 1/2), for many t of the same df
 * @throws RangeError if df is not positive
 * @example Math.exp(logStudentUpperTail(2.0150483733, 5)) // => 0.05
 */
export function logStudentUpperTail(t: number, df: number, lnBeta?: number): number {
  if (!(df > 0)) throw new RangeError(`degrees of freedom are positive, not ${df}`);
  if (t === 0) return -Math.LN2;
  const bothTails = logIncompleteBeta(df / (df + t * t), df / 2, 0.5, lnBeta);
  if (t > 0) return bothTails - Math.LN2;
  return Math.log1p(-0.5 * Math.exp(bothTails));
}

/** Deviates below this carry no evidence; the t tail is not needed there. */
const LOWEST = -5;
/** ln p below which the normal equivalent is not told apart any more. */
const LOWEST_LOG_P = -700;

/**
 * The normal deviate with the same upper tail as `z` read as Student's t with `steps − 1` degrees
 * of freedom: the price of a spread that was estimated from few steps (judge.md §2.16 step 4).
 * Monotone in z; at most ±37.
 * @example studentToNormal(10, 5) // => 3.45: ten sigma of five steps
 */
export function studentToNormal(z: number, steps: number): number {
  const logP = logStudentUpperTail(Math.max(z, LOWEST), Math.max(steps - 1, 1));
  return normalUpperQuantileOfLog(Math.max(logP, LOWEST_LOG_P));
}

/**
 * Whether a deviate, read as Student's t with `steps − 1` degrees of freedom, is worth at least the
 * normal deviate `z`: `studentToNormal` without the way back, for many that are held to one.
 * @example reachesAsStudent(3.4, 5)(10) // => true
 */
export function reachesAsStudent(z: number, steps: number): (deviate: number) => boolean {
  const [logP, df] = [logNormalUpperTail(z), Math.max(steps - 1, 1)];
  const lnBeta = logBeta(df / 2, 0.5);
  // Student's tail is the heavier one: what is too little for a normal deviate is too little here.
  return (deviate) => (z <= 0 || deviate >= z) && logStudentUpperTail(Math.max(deviate, LOWEST), df, lnBeta) <= logP;
}
