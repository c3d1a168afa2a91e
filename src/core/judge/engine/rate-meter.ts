import type { MinimumEffect } from "../../model/policy.ts";
import { Z_ONE_SIDED } from "../../stats/normal.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import { byBound, type Meter } from "./meter.ts";
import { limitsOf } from "./minimum-effect.ts";
import type { RateBaseline } from "./rate-baseline.ts";

/**
 * Swing of a rate that is believed when a recovery is looked for: the test's floor is for bursts of
 * silence, not for intervals.
 */
export const RECOVERY_SWING_FLOOR = 0.005;

/** What a request rate was before. */
export type RateReference = Pick<RateBaseline, "perStep" | "nu" | "n" | "steps">;

/** Half the width of the interval of a fall over so many steps, at normal quantile `z`. */
export function halfOfFall(
  fall: number,
  z: number,
  steps: number,
  { perStep, nu, n, steps: known }: RateReference,
): number {
  const relative = 1 / (perStep * steps) + 1 / n + nu * (1 / steps + 1 / Math.max(known, 1));
  return z * Math.sqrt(relative) * Math.max(1 - fall, 0.1);
}

/** Fall of a request rate against a known one. */
export function rateMeter(n: Float64Array, baseline: RateReference, effect: MinimumEffect): Meter {
  return byBound({
    before: baseline.perStep,
    at(span, z = Z_ONE_SIDED) {
      const steps = knownSteps(n, span);
      if (steps === 0 || baseline.n <= 0) return null;
      const expected = baseline.perStep * steps;
      const point = 1 - sumKnown(n, span) / expected;
      const half = halfOfFall(point, z, steps, baseline);
      return { point, low: point - half, high: Math.min(point + half, 1) };
    },
    ...limitsOf("fall", effect),
  });
}
