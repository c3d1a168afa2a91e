import type { MinimumEffect } from "../../model/policy.ts";
import { signedRootBinomial, signedRootPoisson } from "../../stats/signed-root.ts";
import { wilson } from "../../stats/wilson.ts";
import { FEWEST_SLOW } from "../constants.ts";
import { POWER, smallest } from "../detectable.ts";
import { knownSteps, sumKnown } from "../masked.ts";
import { oddsOfRatio } from "../measure.ts";
import { rateBaseline } from "../rate-deviate.ts";
import { shareBaseline, timesOdds } from "../share-deviate.ts";
import type { RateTrack, ShareTrack } from "../track.ts";
import type { Span } from "../windows.ts";
import type { SignalNull } from "./nulls.ts";

/** What a test against history must reach: the shift's score, and the normal quantile of the interval that the minimum effect is held to. */
export interface KnownCritical {
  /** Score of the early shift at the critical p; null when no score reaches it. */
  readonly shift: number | null;
  /** One spread of the score in deviates. */
  readonly deviate: number;
  /** Quantile of the interval. */
  readonly z: number;
}

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
  const { share: p, rho } = shareBaseline(series, before, known.longRuns[row]!);
  const n = sumKnown(series.n, after);
  const steps = Math.max(knownSteps(series.n, after), 1);
  const perStep = n / steps;
  const worth = perStep / (1 + Math.max(perStep - 1, 0) * rho);
  const latency = track.signal === "latency";
  const least = latency ? timesOdds(p, oddsOfRatio(effect.latencyRatio)) - p : effect.failureShare;
  const fewest = latency ? FEWEST_SLOW : effect.excessFailures;
  return smallest(least, 1 - p, (rise) => {
    const score = signedRootBinomial(worth * (p + rise), worth, p) * Math.sqrt(steps);
    const unlucky = p + rise - POWER * Math.sqrt(((p + rise) * (1 - p - rise)) / Math.max(worth * steps, 1e-9));
    const low = wilson(Math.max(unlucky, 0) * worth * steps, worth * steps, critical.z).low;
    return score >= critical.shift! + POWER * critical.deviate && rise * n >= fewest && low - p > least;
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
  const scale = Math.sqrt(1 + nu * mu + mu / baseline.n);
  return smallest(effect.rateFall, 1, (x) => {
    const score = (-signedRootPoisson(mu * (1 - x), mu) / scale) * Math.sqrt(steps);
    const relative = 1 / (mu * steps) + 1 / baseline.n + nu * (1 / steps + 1 / Math.max(baseline.steps, 1));
    const half = (critical.z + POWER) * Math.sqrt(relative) * Math.max(1 - x, 0.1);
    const enough = score >= critical.shift! + POWER * critical.deviate && x * mu * steps >= effect.missingRequests;
    return enough && x - half > effect.rateFall;
  });
}

/**
 * The smallest lasting change over the steps `after` that the test against history finds four times of five (judge.md §2.10), counted through:
 * the shift's score at its critical value, the minimum effect's interval, and the requests hurt. Null when nothing would be found.
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
  if (critical.shift === null) return null;
  if (track.form === "rate") return fall(track, before, after, known, critical, effect);
  return share(track, row, before, after, known, critical, effect);
}
