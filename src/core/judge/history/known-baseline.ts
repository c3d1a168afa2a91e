import type { Part, RateComparison, ShareComparison } from "../engine/comparison.ts";
import type { Stretch } from "../engine/engine.ts";
import type { Meter } from "../engine/meter.ts";
import { knownRateBaseline, type RateBaseline } from "../engine/rate-baseline.ts";
import { rateCountsBefore } from "../engine/rate-before.ts";
import { rateDeviate } from "../engine/rate-deviate.ts";
import { rateMeter } from "../engine/rate-meter.ts";
import { knownShareBaseline, type ShareBaseline } from "../engine/share-baseline.ts";
import { shareCountsBefore } from "../engine/share-before.ts";
import { shareDeviate } from "../engine/share-deviate.ts";
import { shareMeter } from "../engine/share-meters.ts";
import type { Known } from "../input/known.ts";
import type { Span } from "../input/windows.ts";
/** A comparison that a history can decide. */
export type KnownComparison = ShareComparison | RateComparison;

/** What a share was before, leaning on its long run. */
export const shareBefore = ({ track, windows }: ShareComparison, row: number, { longRuns }: Known): ShareBaseline =>
  knownShareBaseline(shareCountsBefore(track.rows[row]!, windows.before), longRuns[row]!);

/** What a rate was before, swinging as it does in the long run. */
export const rateBefore = ({ track, windows }: RateComparison, { nu }: Known): RateBaseline =>
  knownRateBaseline(rateCountsBefore(track.n, windows.before), nu);

/** Measures how far a signal lies from what it was before and in the long run. */
export const knownMeter = (compared: KnownComparison, row: number, known: Known): Meter =>
  compared.form === "rate"
    ? rateMeter(compared.track.n, rateBefore(compared, known), compared.effect)
    : shareMeter(compared, row, shareBefore(compared, row, known));

/**
 * The stretch in which a signal differs most from its baseline, whatever it is worth; for latency
 * at the bound where it differs most.
 * @param part early: where the scan is largest; else all of `after`
 */
export function strongestStretch(compared: KnownComparison, after: Span, part: Part, known: Known): Stretch {
  if (compared.form === "rate") {
    const found = rateDeviate(compared.track.n, after, rateBefore(compared, known));
    return { block: part === "early" ? found.block : after, row: 0 };
  }
  let best = { block: after, row: 0, z: Number.NEGATIVE_INFINITY };
  compared.track.rows.forEach((series, row) => {
    const baseline = shareBefore(compared, row, known);
    const found = shareDeviate(series, after, baseline, baseline.share);
    const z = part === "early" ? Math.max(found.scan, found.shift) : found.shift;
    if (z > best.z) best = { block: part === "early" ? found.block : after, row, z };
  });
  return { block: best.block, row: best.row };
}
