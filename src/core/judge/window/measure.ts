import type { MinimumEffect } from "../../model/policy.ts";
import { worthForVariance } from "../../stats/autocorrelation.ts";
import { studentToNormal } from "../../stats/student-t.ts";
import {
  FAILURE_SWING_FLOOR,
  FEWEST_SLOW,
  FEWEST_STEPS,
  LOG_ODDS_PER_LOG_LATENCY,
  RATE_SWING_FLOOR,
} from "../input/constants.ts";
import type { Known } from "../input/known.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import {
  knownBy,
  type QuantileTrack,
  type RateTrack,
  type ShareSeries,
  type ShareTrack,
  type Track,
} from "../input/track.ts";
import type { Span } from "../input/windows.ts";
import type { CommonSwings } from "./common-swing.ts";
import { quantileDeviate } from "./quantile-deviate.ts";
import { rateBaseline, rateDeviate, rateSpreadWorth } from "./rate-deviate.ts";
import {
  type ShareBaseline,
  type ShareDeviate,
  shareBaseline,
  shareDeviate,
  swinging,
  timesOdds,
} from "./share-deviate.ts";

/**
 * Which window is tested: `early` may be a burst or a shift, `late` and `after` (all of it) must be
 * a shift, because what matters there is that it lasts.
 */
export type Part = "early" | "late" | "after";

/** What one test of one window says. */
export interface Measured {
  /**
   * Normal-equivalent deviate; −∞ when the effect is below the minimum; null when there is too
   * little to test.
   */
  readonly z: number | null;
  /** The strongest stretch, in steps of the track. */
  readonly block: Span;
  /** Which latency bound was strongest; 0 elsewhere. */
  readonly row: number;
}

/** Odds of being slower than a bound that a latency of `ratio` times makes. */
export const oddsOfRatio = (ratio: number): number => ratio ** LOG_ODDS_PER_LOG_LATENCY;

/**
 * Squared relative swing below which a share is believed too calm: latency has no clusters, and
 * swings as its steps do.
 */
export const swingFloorOf = (track: ShareTrack): number => (track.signal === "latency" ? 0 : FAILURE_SWING_FLOOR);

/**
 * The share of failures or of slow requests that a test must exceed: for latency the minimum effect
 * is part of the null (§2.16 step 5).
 */
export const shareToExceed = (track: ShareTrack, baseline: ShareBaseline, effect: MinimumEffect): number =>
  track.signal === "latency" ? timesOdds(baseline.share, oddsOfRatio(effect.latencyRatio)) : baseline.share;

function measureRow(
  track: ShareTrack,
  row: number,
  before: Span,
  after: Span,
  part: Part,
  effect: MinimumEffect,
  common: CommonSwings,
): Measured {
  const series = track.rows[row]!;
  const baseline = shareBaseline(series, before, null, swingFloorOf(track), common.get(track.signal));
  const nothing = { block: after, row };
  if (baseline.n <= 0 || baseline.steps < FEWEST_STEPS || sumKnown(series.n, after) <= 0)
    return { z: null, ...nothing };
  const toExceed = shareToExceed(track, baseline, effect);
  const meets = (k: number, n: number): boolean =>
    track.signal === "latency"
      ? k / n >= toExceed && k - n * baseline.share >= FEWEST_SLOW
      : k / n - baseline.share >= effect.failureShare && k - n * baseline.share >= effect.excessFailures;
  // Most of what is judged did not change: no stretch of it has to be looked at.
  const possible =
    part === "early"
      ? mostExcess(series, after, baseline.share) >= fewestOf(track, effect)
      : meets(sumKnown(series.k, after), sumKnown(series.n, after));
  if (!possible) return { z: Number.NEGATIVE_INFINITY, ...nothing };
  const found = shareDeviate(series, after, baseline, toExceed);
  const block = part === "early" ? found.block : after;
  if (part === "early" && !meets(found.k, found.n)) return { z: Number.NEGATIVE_INFINITY, block, row };
  const scored = (one: ShareDeviate) => (part === "early" ? Math.max(one.scan, one.shift) : one.shift);
  const raw = scored(found);
  // The second reading can only lower what is worth looking at.
  const sure = raw <= 0 ? raw : Math.min(raw, scored(shareDeviate(series, after, baseline, toExceed, swinging)));
  return { z: studentToNormal(sure, shareSpreadWorth(baseline)), block, row };
}

/** Failures, or slow requests, that must be in excess. */
const fewestOf = (track: ShareTrack, effect: MinimumEffect): number =>
  track.signal === "latency" ? FEWEST_SLOW : effect.excessFailures;

/**
 * No stretch of the steps `after` has more in excess than all its steps above the share together.
 */
function mostExcess({ k, n }: ShareSeries, after: Span, share: number): number {
  let excess = 0;
  for (let i = after.from; i < after.to; i++) if (n[i]! > 0) excess += Math.max(k[i]! - n[i]! * share, 0);
  return excess;
}

/** Independent values that the spread of a share's baseline rests on, for Student's t. */
export const shareSpreadWorth = ({ steps, lag1 }: ShareBaseline): number =>
  Math.max(worthForVariance(steps, lag1 ?? 0), 2);

function measureShare(
  track: ShareTrack,
  before: Span,
  after: Span,
  part: Part,
  effect: MinimumEffect,
  common: CommonSwings,
): Measured {
  const each = track.rows.map((_, row) => measureRow(track, row, before, after, part, effect, common));
  return each.reduce((best, one) =>
    (one.z ?? Number.NEGATIVE_INFINITY) > (best.z ?? Number.NEGATIVE_INFINITY) ? one : best,
  );
}

function measureRate(
  track: RateTrack,
  before: Span,
  after: Span,
  part: Part,
  effect: MinimumEffect,
  common: CommonSwings,
): Measured {
  const baseline = rateBaseline(track.n, before, RATE_SWING_FLOOR, undefined, common.get("rate"));
  const found = rateDeviate(track.n, after, baseline);
  const seen = knownSteps(track.n, after);
  const block = part === "late" ? after : found.block;
  if (baseline.n <= 0 || baseline.steps < FEWEST_STEPS || seen === 0) return { z: null, block, row: 0 };
  const expected = part === "late" ? baseline.perStep * seen : found.expected;
  const missing = expected - (part === "late" ? sumKnown(track.n, after) : found.n);
  const meets = missing / expected >= effect.rateFall && missing >= effect.missingRequests;
  if (!meets) return { z: Number.NEGATIVE_INFINITY, block, row: 0 };
  const raw = part === "early" ? Math.min(found.scan, found.shift) : found.shift;
  return { z: studentToNormal(raw, rateSpreadWorth(baseline)), block, row: 0 };
}

/**
 * Mean requests a step beyond the quantile: of the quietest of those who carry it. Half of a
 * caller's requests lie beyond its median.
 */
function requestsBeyond(track: QuantileTrack, after: Span): number {
  const means = track.requests
    .map((n) => sumKnown(n, after) / knownSteps(n, after))
    .filter((mean) => !Number.isNaN(mean));
  return means.length === 0 ? Number.NaN : (1 - track.quantile) * Math.min(...means);
}

function measureQuantile(track: QuantileTrack, before: Span, after: Span, effect: MinimumEffect): Measured {
  const found = quantileDeviate(track.values, before, after, requestsBeyond(track, after), effect.latencyRatio);
  return { z: found.z, block: found.block, row: 0 };
}

/**
 * Tests one signal of one service: the steps `after` against the steps `before`, at least three
 * known of each (judge.md §2.0, §2.16).
 * @param common how widely all services swing
 */
export function measure(
  track: Track,
  before: Span,
  after: Span,
  part: Part,
  effect: MinimumEffect,
  common: CommonSwings,
): Measured {
  if (knownSteps(knownBy(track), after) < FEWEST_STEPS) return { z: null, block: after, row: 0 };
  switch (track.form) {
    case "share":
      return measureShare(track, before, after, part, effect, common);
    case "rate":
      return measureRate(track, before, after, part, effect, common);
    case "quantile":
      return measureQuantile(track, before, after, effect);
  }
}

/**
 * The stretch in which a signal differs most from its baseline, whatever it is worth; for latency
 * at the bound where it differs most.
 */
export function strongestBlock(
  track: ShareTrack | RateTrack,
  before: Span,
  after: Span,
  part: Part,
  known: Known,
): Pick<Measured, "block" | "row"> {
  if (track.form === "rate") {
    const found = rateDeviate(track.n, after, rateBaseline(track.n, before, 0, known.nu));
    return { block: part === "early" ? found.block : after, row: 0 };
  }
  let best = { block: after, row: 0, z: Number.NEGATIVE_INFINITY };
  track.rows.forEach((series, row) => {
    const baseline = shareBaseline(series, before, known.longRuns[row]!);
    const found = shareDeviate(series, after, baseline, baseline.share);
    const z = part === "early" ? Math.max(found.scan, found.shift) : found.shift;
    if (z > best.z) best = { block: part === "early" ? found.block : after, row, z };
  });
  return { block: best.block, row: best.row };
}
