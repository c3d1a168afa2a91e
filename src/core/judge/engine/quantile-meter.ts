import type { MinimumEffect } from "../../model/policy.ts";
import { Z_ONE_SIDED } from "../../stats/normal.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import { byBound, type Meter } from "./meter.ts";
import { limitsOf } from "./minimum-effect.ts";

/** Spread of ln ms that is believed of a calm history. */
const QUANTILE_SPREAD_FLOOR = 0.1;

/** A latency quantile against a known level, in ln ratio. */
export function quantileMeter(
  values: Float64Array,
  ms: number,
  spread: number,
  steps0: number,
  effect: MinimumEffect,
): Meter {
  const logs = values.map(logMs);
  return byBound({
    before: ms,
    at(span, z = Z_ONE_SIDED) {
      const steps = knownSteps(logs, span);
      if (steps === 0 || steps0 === 0) return null;
      const point = sumKnown(logs, span) / steps - Math.log(ms);
      const half = z * Math.max(spread, QUANTILE_SPREAD_FLOOR) * Math.sqrt(1 / steps + 1 / steps0);
      return { point, low: point - half, high: point + half };
    },
    ...limitsOf("ln-ratio", effect),
  });
}

export const logMs = (ms: number): number => (Number.isNaN(ms) ? Number.NaN : Math.log(Math.max(ms, 1e-6)));
