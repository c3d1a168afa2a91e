import { smallest } from "../../stats/bisect.ts";
import { wholePenalty } from "../../stats/scan-scales.ts";
import { signedRootPoisson } from "../../stats/signed-root.ts";
import { reachesAsStudent } from "../../stats/student-t.ts";
import type { Comparison, QuantileComparison, RateComparison, ShareComparison } from "../engine/comparison.ts";
import { fewestHurt, leastRise, limitsOf } from "../engine/minimum-effect.ts";
import { POWER } from "../engine/power.ts";
import { type RateBaseline, rateShiftInflation, rateSpreadWorth } from "../engine/rate-baseline.ts";
import { type ShareBaseline, shareSpreadWorth, shiftInflation } from "../engine/share-baseline.ts";
import { discounted, type Reading, swinging } from "../engine/share-deviate.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import type { Span } from "../input/windows.ts";
import type { CommonSwings } from "./common-swings.ts";
import { shareToExceed, testedRate, testedShare } from "./measure.ts";
import { ownMeter } from "./own-meter.ts";

/** What a change is looked for in. */
export interface Sought {
  /** The steps over which it lasts. */
  readonly after: Span;
  /** Deviate that the test must reach. */
  readonly z: number;
  /** Larger rises of a share are of no interest. */
  readonly most?: number | undefined;
}

/**
 * The smallest lasting change that is found four times of five (judge.md §2.10): a rise of the
 * share (failures, slow requests at bound `row`), a fall of the rate, or ln ratio of a quantile.
 * Null when nothing would be found.
 */
export function ownDetectable(compared: Comparison, row: number, sought: Sought, common: CommonSwings): number | null {
  switch (compared.form) {
    case "share":
      return detectableRise(compared, row, sought, testedShare(compared, row, common));
    case "rate":
      return detectableFall(compared, sought, testedRate(compared, common));
    case "quantile":
      return detectableRatio(compared, sought);
  }
}

function detectableRise(
  { track, effect }: ShareComparison,
  row: number,
  { after, z, most }: Sought,
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
  const isEnough = reachesAsStudent(z, shareSpreadWorth(baseline));
  const isSeen = (reading: Reading, share: number): boolean =>
    isEnough(reading.block(share * n, n, steps, toExceed, baseline) - penalty - POWER) ||
    isEnough(perShift * reading.step((share * n) / steps, n / steps, toExceed, baseline) - POWER);
  const fewest = fewestHurt(track.signal, effect);
  const found = (rise: number): boolean => {
    const share = baseline.share + rise;
    // The second reading takes longer: most sizes fail in the first.
    return rise * n >= fewest && [discounted, swinging].every((reading) => isSeen(reading, share));
  };
  return smallest({ low: leastRise(track.signal, baseline.share, effect), high: 1 - baseline.share, most }, found);
}

function detectableFall(
  { track, effect }: RateComparison,
  { after, z }: Sought,
  baseline: RateBaseline,
): number | null {
  const steps = knownSteps(track.n, after);
  if (steps === 0 || baseline.n <= 0) return null;
  const mu = baseline.perStep;
  const scale = Math.sqrt((1 + baseline.nu * mu + mu / baseline.n) * rateShiftInflation(steps, baseline));
  const reaches = reachesAsStudent(z, rateSpreadWorth(baseline));
  const fewest = fewestHurt("rate", effect);
  return smallest({ low: limitsOf("fall", effect).minimum, high: 1 }, (fall) => {
    const raw = (-signedRootPoisson(mu * (1 - fall), mu) / scale) * Math.sqrt(steps) - POWER;
    return fall * mu * steps >= fewest && reaches(raw);
  });
}

function detectableRatio(compared: QuantileComparison, { after, z }: Sought): number | null {
  const meter = ownMeter(compared, 0);
  // The bound at z = 1 lies one deviate from the point.
  const deviate = meter.at(after, 1);
  const steps = knownSteps(compared.track.values, compared.windows.before);
  if (deviate === null || steps < 2) return null;
  const reaches = reachesAsStudent(z, steps);
  const perDeviate = deviate.high - deviate.point;
  return smallest({ low: meter.minimum, high: 10 }, (rise) => reaches((rise - meter.minimum) / perDeviate - POWER));
}
