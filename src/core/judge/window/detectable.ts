import type { MinimumEffect } from "../../model/policy.ts";
import { scanBlocks } from "../../stats/scan-blocks.ts";
import { signedRootPoisson } from "../../stats/signed-root.ts";
import { reachesAsStudent } from "../../stats/student-t.ts";
import { FEWEST_SLOW, RATE_SWING_FLOOR } from "../input/constants.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import type { QuantileTrack, RateTrack, ShareTrack, Track } from "../input/track.ts";
import type { Span } from "../input/windows.ts";
import type { CommonSwings } from "./common-swing.ts";
import { shareSpreadWorth, shareToExceed, swingFloorOf } from "./measure.ts";
import { meterOf } from "./meter.ts";
import { rateBaseline, rateShiftInflation, rateSpreadWorth } from "./rate-deviate.ts";
import { discounted, type Reading, shareBaseline, shiftInflation, swinging } from "./share-deviate.ts";

/** Deviates given away so that the change is found four times of five: Φ⁻¹(0.8). */
export const POWER = 0.8416;

/**
 * Smallest x in [low, high] with `enough(x)`, to one percent; `enough` must be monotone; null when
 * even `high` is not.
 */
export function smallest(low: number, high: number, enough: (x: number) => boolean): number | null {
  if (!enough(high)) return null;
  let [a, b] = [low, high];
  for (let i = 0; i < 40 && b - a > 0.01 * b; i++) {
    const middle = (a + b) / 2;
    if (enough(middle)) b = middle;
    else a = middle;
  }
  return b;
}

function detectableShare(
  track: ShareTrack,
  row: number,
  before: Span,
  after: Span,
  z: number,
  effect: MinimumEffect,
  common: CommonSwings,
): number | null {
  const series = track.rows[row]!;
  const baseline = shareBaseline(series, before, null, swingFloorOf(track), common.get(track.signal));
  const toExceed = shareToExceed(track, baseline, effect);
  const n = sumKnown(series.n, after);
  if (!(n > 0)) return null;
  const steps = knownSteps(series.n, after);
  const penalty = scanBlocks(after.to - after.from).at(-1)!.penalty;
  const perShift = Math.sqrt(steps / shiftInflation(steps, baseline));
  // A change that lasts is seen by the scan as the block of all steps, or by the shift, in both
  // readings of the swings.
  const seen = (reading: Reading, share: number): number => {
    const scan = reading.block(share * n, n, steps, toExceed, baseline) - penalty;
    return Math.max(scan, perShift * reading.step((share * n) / steps, n / steps, toExceed, baseline));
  };
  const reaches = reachesAsStudent(z, shareSpreadWorth(baseline));
  const fewest = track.signal === "latency" ? FEWEST_SLOW : effect.excessFailures;
  const floor = track.signal === "latency" ? toExceed - baseline.share : effect.failureShare;
  const found = (rise: number): boolean => {
    const share = baseline.share + rise;
    // The second reading takes longer: most sizes fail in the first.
    return rise * n >= fewest && [discounted, swinging].every((r) => reaches(seen(r, share) - POWER));
  };
  return smallest(floor, 1 - baseline.share, found);
}

function detectableFall(
  track: RateTrack,
  before: Span,
  after: Span,
  z: number,
  effect: MinimumEffect,
  common: CommonSwings,
): number | null {
  const baseline = rateBaseline(track.n, before, RATE_SWING_FLOOR, undefined, common.get("rate"));
  const steps = knownSteps(track.n, after);
  if (steps === 0 || baseline.n <= 0) return null;
  const mu = baseline.perStep;
  const scale = Math.sqrt((1 + baseline.nu * mu + mu / baseline.n) * rateShiftInflation(steps, baseline));
  const reaches = reachesAsStudent(z, rateSpreadWorth(baseline));
  return smallest(effect.rateFall, 1, (fall) => {
    const raw = (-signedRootPoisson(mu * (1 - fall), mu) / scale) * Math.sqrt(steps) - POWER;
    return fall * mu * steps >= effect.missingRequests && reaches(raw);
  });
}

function detectableRatio(
  track: QuantileTrack,
  before: Span,
  after: Span,
  z: number,
  effect: MinimumEffect,
): number | null {
  const at = meterOf(track, 0, before, effect, null).at(after);
  const steps = knownSteps(track.values, before);
  if (at === null || steps < 2) return null;
  const reaches = reachesAsStudent(z, steps);
  const perDeviate = (at.high - at.point) / 1.645;
  return smallest(Math.log(effect.latencyRatio), 10, (rise) =>
    reaches((rise - Math.log(effect.latencyRatio)) / perDeviate - POWER),
  );
}

/**
 * The smallest lasting change over the steps `after` that a test with critical deviate `z` finds
 * four times of five (judge.md §2.10): a rise of the share (failures, slow requests at bound
 * `row`), a fall of the rate, or ln ratio of a quantile. Null when nothing would be found.
 */
export function minimumDetectable(
  track: Track,
  row: number,
  before: Span,
  after: Span,
  z: number,
  effect: MinimumEffect,
  common: CommonSwings,
): number | null {
  switch (track.form) {
    case "share":
      return detectableShare(track, row, before, after, z, effect, common);
    case "rate":
      return detectableFall(track, before, after, z, effect, common);
    case "quantile":
      return detectableRatio(track, before, after, z, effect);
  }
}
