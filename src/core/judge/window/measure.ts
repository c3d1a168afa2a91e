import type { MinimumEffect } from "../../model/policy.ts";
import { studentToNormal } from "../../stats/student-t.ts";
import type { Comparison, Part, QuantileComparison, RateComparison, ShareComparison } from "../engine/comparison.ts";
import type { SignalTest } from "../engine/engine.ts";
import { fewestHurt, leastRise, limitsOf, oddsOfRatio, timesOdds } from "../engine/minimum-effect.ts";
import { ownRateBaseline, type RateBaseline, rateSpreadWorth } from "../engine/rate-baseline.ts";
import { rateDeviate } from "../engine/rate-deviate.ts";
import { ownShareBaseline, type ShareBaseline, shareSpreadWorth } from "../engine/share-baseline.ts";
import { type ShareDeviate, shareDeviate, swinging } from "../engine/share-deviate.ts";
import { FAILURE_SWING_FLOOR, FEWEST_STEPS, RATE_SWING_FLOOR } from "../input/constants.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import { knownBy, type QuantileTrack, type ShareSeries, type ShareTrack } from "../input/track.ts";
import type { Span } from "../input/windows.ts";
import type { CommonSwings } from "./common-swings.ts";
import { quantileDeviate } from "./quantile-deviate.ts";

/** What one test of one window says, of its `z` before any quiet record. */
export type Measured = Pick<SignalTest, "z" | "block" | "row">;

/**
 * Squared relative swing below which a share is believed too calm: latency has no clusters, and
 * swings as its steps do.
 */
const swingFloorOf = (track: ShareTrack): number => (track.signal === "latency" ? 0 : FAILURE_SWING_FLOOR);

/** What a share is tested against: its own steps before, no calmer than all services swing. */
export const testedShare = (compared: ShareComparison, row: number, common: CommonSwings): ShareBaseline =>
  ownShareBaseline(compared.seen(row), swingFloorOf(compared.track), common.get(compared.track.signal));

/** The same of a rate. */
export const testedRate = (compared: RateComparison, common: CommonSwings): RateBaseline =>
  ownRateBaseline(compared.seen(), RATE_SWING_FLOOR, common.get("rate"));

/**
 * The share of failures or of slow requests that a test must exceed: for latency the minimum effect
 * is part of the null (§2.16 step 5).
 */
export const shareToExceed = (track: ShareTrack, { share }: ShareBaseline, effect: MinimumEffect): number =>
  track.signal === "latency" ? timesOdds(share, oddsOfRatio(effect.latencyRatio)) : share;

/**
 * Tests one signal of one service: the steps `after` against the steps before, at least three
 * known of each (judge.md §2.0, §2.16).
 * @param part how: as a window that may hold a burst, or as one in which it must last
 * @param common how widely all services swing
 */
export function measure(compared: Comparison, after: Span, part: Part, common: CommonSwings): Measured {
  if (knownSteps(knownBy(compared.track), after) < FEWEST_STEPS) return { z: null, block: after, row: 0 };
  switch (compared.form) {
    case "share":
      return measureShare(compared, after, part, common);
    case "rate":
      return measureRate(compared, after, part, common);
    case "quantile":
      return measureQuantile(compared, after);
  }
}

/** Latency counts at the bound where it differs most. */
function measureShare(compared: ShareComparison, after: Span, part: Part, common: CommonSwings): Measured {
  const each = compared.track.rows.map((_, row) => {
    const baseline = testedShare(compared, row, common);
    return measureRow(compared, row, after, part, baseline);
  });
  return each.reduce((best, one) =>
    (one.z ?? Number.NEGATIVE_INFINITY) > (best.z ?? Number.NEGATIVE_INFINITY) ? one : best,
  );
}

function measureRow(
  { track, effect }: ShareComparison,
  row: number,
  after: Span,
  part: Part,
  baseline: ShareBaseline,
): Measured {
  const series = track.rows[row]!;
  const nothing = { block: after, row };
  if (baseline.n <= 0 || baseline.steps < FEWEST_STEPS || sumKnown(series.n, after) <= 0)
    return { z: null, ...nothing };
  const [rise, fewest] = [leastRise(track.signal, baseline.share, effect), fewestHurt(track.signal, effect)];
  const meets = (k: number, n: number): boolean => k / n - baseline.share >= rise && k - n * baseline.share >= fewest;
  // Most of what is judged did not change: no stretch of it has to be looked at.
  const possible =
    part === "early"
      ? mostExcess(series, after, baseline.share) >= fewest
      : meets(sumKnown(series.k, after), sumKnown(series.n, after));
  if (!possible) return { z: Number.NEGATIVE_INFINITY, ...nothing };
  const toExceed = shareToExceed(track, baseline, effect);
  const found = shareDeviate(series, after, baseline, toExceed);
  const block = part === "early" ? found.block : after;
  if (part === "early" && !meets(found.k, found.n)) return { z: Number.NEGATIVE_INFINITY, block, row };
  const scored = (one: ShareDeviate) => (part === "early" ? Math.max(one.scan, one.shift) : one.shift);
  const raw = scored(found);
  // The second reading can only lower what is worth looking at.
  const sure = raw <= 0 ? raw : Math.min(raw, scored(shareDeviate(series, after, baseline, toExceed, swinging)));
  return { z: studentToNormal(sure, shareSpreadWorth(baseline)), block, row };
}

/**
 * No stretch of the steps `after` has more in excess than all its steps above the share together.
 */
function mostExcess({ k, n }: ShareSeries, after: Span, share: number): number {
  let excess = 0;
  for (let i = after.from; i < after.to; i++) if (n[i]! > 0) excess += Math.max(k[i]! - n[i]! * share, 0);
  return excess;
}

function measureRate(compared: RateComparison, after: Span, part: Part, common: CommonSwings): Measured {
  const { track, effect } = compared;
  const baseline = testedRate(compared, common);
  const seen = knownSteps(track.n, after);
  if (baseline.n <= 0 || baseline.steps < FEWEST_STEPS || seen === 0) return { z: null, block: after, row: 0 };
  const meets = (n: number, expected: number): boolean =>
    (expected - n) / expected >= limitsOf("fall", effect).minimum && expected - n >= fewestHurt("rate", effect);
  const tooLittle = { z: Number.NEGATIVE_INFINITY, block: after, row: 0 };
  // What must last is decided by all of it: no stretch has to be looked at.
  if (part === "late" && !meets(sumKnown(track.n, after), baseline.perStep * seen)) return tooLittle;
  const found = rateDeviate(track.n, after, baseline);
  if (part !== "late" && !meets(found.n, found.expected)) return tooLittle;
  const block = part === "late" ? after : found.block;
  const raw = part === "early" ? Math.min(found.scan, found.shift) : found.shift;
  return { z: studentToNormal(raw, rateSpreadWorth(baseline)), block, row: 0 };
}

function measureQuantile({ track, windows, effect }: QuantileComparison, after: Span): Measured {
  const beyond = requestsBeyond(track, after);
  const found = quantileDeviate(track.values, windows.before, after, beyond, effect.latencyRatio);
  return { z: found.z, block: found.block, row: 0 };
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
