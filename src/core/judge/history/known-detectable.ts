import { smallest } from "../../stats/bisect.ts";
import { effectiveRequests } from "../../stats/overdispersion.ts";
import { wholePenalty } from "../../stats/scan-scales.ts";
import { signedRootBinomial, signedRootPoisson } from "../../stats/signed-root.ts";
import { wilson } from "../../stats/wilson.ts";
import type { RateComparison, ShareComparison } from "../engine/comparison.ts";
import { fewestHurt, leastRise, limitsOf } from "../engine/minimum-effect.ts";
import { POWER } from "../engine/power.ts";
import { halfOfFall } from "../engine/rate-meter.ts";
import type { Known } from "../input/known.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import { type KnownComparison, rateBefore, shareBefore } from "./known-baseline.ts";

/** What one component (shift or scan) must score before the test against history calls a change. */
interface Reach {
  /** Score at the critical p. */
  readonly score: number;
  /** One spread of the score in deviates. */
  readonly deviate: number;
}

/**
 * What a test against history must reach: by its shift, or by its scan, where any score gets there.
 */
export interface KnownCritical {
  readonly shift: Reach | null;
  readonly scan: Reach | null;
  /** Normal quantile of the interval that the minimum effect is held to. */
  readonly z: number;
  /** Larger rises of a share are of no interest. */
  readonly most?: number | undefined;
}

/** Found four times of five, by one component or the other. */
const found = ({ shift, scan }: KnownCritical, shiftScore: number, scanScore: number): boolean =>
  (shift !== null && shiftScore >= shift.score + POWER * shift.deviate) ||
  (scan !== null && scanScore >= scan.score + POWER * scan.deviate);

/**
 * The smallest change lasting over the early window that the test against history finds four times
 * of five (judge.md §2.10), counted through: the shift's or the scan's score at its critical value,
 * the minimum effect's interval, and the requests hurt. Null when nothing would be found.
 */
export function knownDetectable(
  compared: KnownComparison,
  row: number,
  known: Known,
  critical: KnownCritical,
): number | null {
  if (critical.shift === null && critical.scan === null) return null;
  return compared.form === "rate" ? fall(compared, known, critical) : rise(compared, row, known, critical);
}

function rise(compared: ShareComparison, row: number, known: Known, critical: KnownCritical): number | null {
  const { track, windows, effect } = compared;
  const after = windows.early;
  const series = track.rows[row]!;
  const { share: p, rho, weight } = shareBefore(compared, row, known);
  const n = sumKnown(series.n, after);
  const steps = Math.max(knownSteps(series.n, after), 1);
  const perStep = effectiveRequests(n / steps, 1, rho);
  const whole = effectiveRequests(n, steps, rho);
  const both = whole > 0 ? (whole * weight) / (whole + weight) : 0;
  const penalty = wholePenalty(after.to - after.from);
  const least = leastRise(track.signal, p, effect);
  const fewest = fewestHurt(track.signal, effect);
  return smallest({ low: least, high: 1 - p, most: critical.most }, (rise) => {
    const shift = signedRootBinomial(perStep * (p + rise), perStep, p) * Math.sqrt(steps);
    const scan = signedRootBinomial(both * (p + rise), both, p) - penalty;
    const unlucky = p + rise - POWER * Math.sqrt(((p + rise) * (1 - p - rise)) / Math.max(whole, 1e-9));
    const low = wilson(Math.max(unlucky, 0) * whole, whole, critical.z).low;
    const hurt = (p + rise) * n - POWER * Math.sqrt((p + rise) * n);
    return found(critical, shift, scan) && hurt - p * n >= fewest && low - p > least;
  });
}

function fall(compared: RateComparison, known: Known, critical: KnownCritical): number | null {
  const { track, windows, effect } = compared;
  const after = windows.early;
  const baseline = rateBefore(compared, known);
  const steps = knownSteps(track.n, after);
  if (steps === 0 || baseline.n <= 0) return null;
  const { perStep: mu, nu } = baseline;
  const fewer = (expected: number, x: number): number =>
    -signedRootPoisson(expected * (1 - x), expected) / Math.sqrt(1 + nu * expected + expected / baseline.n);
  const penalty = wholePenalty(after.to - after.from);
  const least = limitsOf("fall", effect).minimum;
  const fewest = fewestHurt("rate", effect);
  return smallest({ low: least, high: 1 }, (x) => {
    const half = halfOfFall(x, critical.z + POWER, steps, baseline);
    const enough = found(critical, fewer(mu, x) * Math.sqrt(steps), fewer(mu * steps, x) - penalty);
    return enough && x * mu * steps >= fewest && x - half > least;
  });
}
