import type { MinimumEffect } from "../../model/policy.ts";
import { medianSpread } from "../../stats/median-spread.ts";
import { medianOf } from "../../stats/quantile.ts";
import type { Comparison } from "../engine/comparison.ts";
import type { Meter } from "../engine/meter.ts";
import { logMs, quantileMeter } from "../engine/quantile-meter.ts";
import { ownRateBaseline } from "../engine/rate-baseline.ts";
import { RECOVERY_SWING_FLOOR, rateMeter } from "../engine/rate-meter.ts";
import { ownShareBaseline } from "../engine/share-baseline.ts";
import { shareMeter } from "../engine/share-meters.ts";
import type { QuantileTrack } from "../input/track.ts";
import type { Span } from "../input/windows.ts";

/**
 * Measures how far a signal lies from what its steps before alone say, for latency at the bound
 * `row`.
 */
export function ownMeter(compared: Comparison, row: number): Meter {
  const { effect, windows } = compared;
  switch (compared.form) {
    case "share":
      return shareMeter(compared, row, ownShareBaseline(compared.seen(row)));
    case "rate":
      return rateMeter(compared.track.n, ownRateBaseline(compared.seen(), RECOVERY_SWING_FLOOR), effect);
    case "quantile":
      return quantileMeterBefore(compared.track, windows.before, effect);
  }
}

function quantileMeterBefore(track: QuantileTrack, before: Span, effect: MinimumEffect): Meter {
  const known = track.values
    .subarray(before.from, before.to)
    .map(logMs)
    .filter((x) => !Number.isNaN(x));
  const centre = medianOf(known);
  const spread = medianSpread(known, centre);
  return quantileMeter(track.values, Math.exp(centre), spread, known.length, effect);
}
