import type { MinimumEffect } from "../../model/policy.ts";
import { effectiveRequests } from "../../stats/overdispersion.ts";
import { scanBlocks } from "../../stats/scan-blocks.ts";
import { signedRootBinomial, signedRootPoisson } from "../../stats/signed-root.ts";
import { wilson } from "../../stats/wilson.ts";
import { FEWEST_SLOW } from "../input/constants.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import type { SignalNull } from "../input/nulls.ts";
import type { RateTrack, ShareTrack } from "../input/track.ts";
import type { Span } from "../input/windows.ts";
import { POWER, smallest } from "../window/detectable.ts";
import { oddsOfRatio } from "../window/measure.ts";
import { rateBaseline } from "../window/rate-deviate.ts";
import { shareBaseline, timesOdds } from "../window/share-deviate.ts";

/** What one component must reach. */
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
}

/** Found four times of five, by one component or the other. */
const found = ({ shift, scan }: KnownCritical, shiftScore: number, scanScore: number): boolean =>
  (shift !== null && shiftScore >= shift.score + POWER * shift.deviate) ||
  (scan !== null && scanScore >= scan.score + POWER * scan.deviate);

/** What the scan pays for the block that is the whole window. */
const wholePenalty = (steps: number): number => scanBlocks(steps).at(-1)!.penalty;

function share(
  track: ShareTrack,
  row: number,
  before: Span,
  after: Span,
  known: SignalNull,
  critical: KnownCritical,
  effect: MinimumEffect,
): number | null {
  const series = track.rows[row]!;
  const { share: p, rho, weight } = shareBaseline(series, before, known.longRuns[row]!);
  const n = sumKnown(series.n, after);
  const steps = Math.max(knownSteps(series.n, after), 1);
  const perStep = effectiveRequests(n / steps, 1, rho);
  const whole = effectiveRequests(n, steps, rho);
  const both = whole > 0 ? (whole * weight) / (whole + weight) : 0;
  const penalty = wholePenalty(after.to - after.from);
  const latency = track.signal === "latency";
  const least = latency ? timesOdds(p, oddsOfRatio(effect.latencyRatio)) - p : effect.failureShare;
  const fewest = latency ? FEWEST_SLOW : effect.excessFailures;
  return smallest(least, 1 - p, (rise) => {
    const shift = signedRootBinomial(perStep * (p + rise), perStep, p) * Math.sqrt(steps);
    const scan = signedRootBinomial(both * (p + rise), both, p) - penalty;
    const unlucky = p + rise - POWER * Math.sqrt(((p + rise) * (1 - p - rise)) / Math.max(whole, 1e-9));
    const low = wilson(Math.max(unlucky, 0) * whole, whole, critical.z).low;
    const hurt = (p + rise) * n - POWER * Math.sqrt((p + rise) * n);
    return found(critical, shift, scan) && hurt - p * n >= fewest && low - p > least;
  });
}

function fall(
  track: RateTrack,
  before: Span,
  after: Span,
  known: SignalNull,
  critical: KnownCritical,
  effect: MinimumEffect,
): number | null {
  const baseline = rateBaseline(track.n, before, 0, known.nu);
  const steps = knownSteps(track.n, after);
  if (steps === 0 || baseline.n <= 0) return null;
  const { perStep: mu, nu } = baseline;
  const fewer = (expected: number, x: number): number =>
    -signedRootPoisson(expected * (1 - x), expected) / Math.sqrt(1 + nu * expected + expected / baseline.n);
  const penalty = wholePenalty(after.to - after.from);
  return smallest(effect.rateFall, 1, (x) => {
    const relative = 1 / (mu * steps) + 1 / baseline.n + nu * (1 / steps + 1 / Math.max(baseline.steps, 1));
    const half = (critical.z + POWER) * Math.sqrt(relative) * Math.max(1 - x, 0.1);
    const enough = found(critical, fewer(mu, x) * Math.sqrt(steps), fewer(mu * steps, x) - penalty);
    return enough && x * mu * steps >= effect.missingRequests && x - half > effect.rateFall;
  });
}

/**
 * The smallest lasting change over the steps `after` that the test against history finds four times
 * of five (judge.md §2.10), counted through: the shift's or the scan's score at its critical value,
 * the minimum effect's interval, and the requests hurt. Null when nothing would be found.
 */
export function knownDetectable(
  track: ShareTrack | RateTrack,
  row: number,
  before: Span,
  after: Span,
  known: SignalNull,
  critical: KnownCritical,
  effect: MinimumEffect,
): number | null {
  if (critical.shift === null && critical.scan === null) return null;
  if (track.form === "rate") return fall(track, before, after, known, critical, effect);
  return share(track, row, before, after, known, critical, effect);
}
