import { wholePenalty } from "../../stats/scan-scales.ts";
import { signedRootPoisson } from "../../stats/signed-root.ts";
import { reachesAsStudent } from "../../stats/student-t.ts";
import type { Comparison, QuantileComparison, RateComparison, ShareComparison } from "../engine/comparison.ts";
import { fewestHurt, leastRise, limitsOf } from "../engine/minimum-effect.ts";
import { POWER, smallest } from "../engine/power.ts";
import { type RateBaseline, rateShiftInflation, rateSpreadWorth } from "../engine/rate-baseline.ts";
import { type ShareBaseline, shareSpreadWorth, shiftInflation } from "../engine/share-baseline.ts";
import { discounted, type Reading, swinging } from "../engine/share-deviate.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import type { Span } from "../input/windows.ts";
import type { CommonSwings } from "./common-swings.ts";
import { shareToExceed, testedRate, testedShare } from "./measure.ts";
import { ownMeter } from "./own-meter.ts";

/**
 * The smallest lasting change over the steps `after` that a test with critical deviate `z` finds
 * four times of five (judge.md §2.10): a rise of the share (failures, slow requests at bound
 * `row`), a fall of the rate, or ln ratio of a quantile. Null when nothing would be found.
 */
export function ownDetectable(
  compared: Comparison,
  row: number,
  after: Span,
  z: number,
  common: CommonSwings,
): number | null {
  switch (compared.form) {
    case "share":
      return detectableRise(compared, row, after, z, testedShare(compared, row, common));
    case "rate":
      return detectableFall(compared, after, z, testedRate(compared, common));
    case "quantile":
      return detectableRatio(compared, after, z);
  }
}

function detectableRise(
  { track, effect }: ShareComparison,
  row: number,
  after: Span,
  z: number,
  baseline: ShareBaseline,
): number | null {
  const series = track.rows[row]!;
  const toExceed = shareToExceed(track, baseline, effect);
  const n = sumKnown(series.n, after);
  if (!(n > 0)) return null;
  const steps = knownSteps(series.n, after);
  const penalty = wholePenalty(after.to - after.from);
  const perShift = Math.sqrt(steps / shiftInflation(steps, baseline));
  // A change that lasts is seen by the scan as the block of all steps, or by the shift, in both
  // readings of the swings.
  const seen = (reading: Reading, share: number): number => {
    const scan = reading.block(share * n, n, steps, toExceed, baseline) - penalty;
    return Math.max(scan, perShift * reading.step((share * n) / steps, n / steps, toExceed, baseline));
  };
  const reaches = reachesAsStudent(z, shareSpreadWorth(baseline));
  const fewest = fewestHurt(track.signal, effect);
  const found = (rise: number): boolean => {
    const share = baseline.share + rise;
    // The second reading takes longer: most sizes fail in the first.
    return rise * n >= fewest && [discounted, swinging].every((r) => reaches(seen(r, share) - POWER));
  };
  return smallest(leastRise(track.signal, baseline.share, effect), 1 - baseline.share, found);
}

function detectableFall(
  { track, effect }: RateComparison,
  after: Span,
  z: number,
  baseline: RateBaseline,
): number | null {
  const steps = knownSteps(track.n, after);
  if (steps === 0 || baseline.n <= 0) return null;
  const mu = baseline.perStep;
  const scale = Math.sqrt((1 + baseline.nu * mu + mu / baseline.n) * rateShiftInflation(steps, baseline));
  const reaches = reachesAsStudent(z, rateSpreadWorth(baseline));
  const fewest = fewestHurt("rate", effect);
  return smallest(limitsOf("fall", effect).minimum, 1, (fall) => {
    const raw = (-signedRootPoisson(mu * (1 - fall), mu) / scale) * Math.sqrt(steps) - POWER;
    return fall * mu * steps >= fewest && reaches(raw);
  });
}

function detectableRatio(compared: QuantileComparison, after: Span, z: number): number | null {
  const meter = ownMeter(compared, 0);
  // The bound at z = 1 lies one deviate from the point.
  const deviate = meter.at(after, 1);
  const steps = knownSteps(compared.track.values, compared.windows.before);
  if (deviate === null || steps < 2) return null;
  const reaches = reachesAsStudent(z, steps);
  const perDeviate = deviate.high - deviate.point;
  return smallest(meter.minimum, 10, (rise) => reaches((rise - meter.minimum) / perDeviate - POWER));
}
