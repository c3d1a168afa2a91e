import type { MinimumEffect } from "../../model/policy.ts";
import { effectiveRequests } from "../../stats/overdispersion.ts";
import { medianOf } from "../../stats/quantile.ts";
import { signedRootBinomial } from "../../stats/signed-root.ts";
import { wilson } from "../../stats/wilson.ts";
import { LARGEST_UNSEEN, LOG_ODDS_PER_LOG_LATENCY, Z_ONE_SIDED } from "../input/constants.ts";
import type { Known } from "../input/known.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import type { QuantileTrack, ShareSeries, Track } from "../input/track.ts";
import type { Span } from "../input/windows.ts";
import { type RateBaseline, rateBaseline } from "./rate-deviate.ts";
import { mostBefore } from "./share-before.ts";
import { shareBaseline } from "./share-deviate.ts";

/** Distance from no change, in the meter's own unit, with its bounds. */
export interface Bounds {
  readonly point: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Measures how far a signal lies from its baseline in any stretch. Units: share (failures), ln odds
 * (slow), fall (rate), ln ratio (quantile).
 */
export interface Meter {
  /**
   * With bounds at normal quantile `z` (one-sided 95 % when left out); null when nothing is known
   * of the stretch.
   */
  at(span: Span, z?: number): Bounds | null;
  /** Smallest distance worth telling. */
  readonly minimum: number;
  /** A distance that must not stay unseen in anything called steady or back. */
  readonly largestUnseen: number;
  /**
   * Whether a stretch is back from a `damage` (a distance), and that is shown: a stretch of which
   * too little is known is not.
   */
  isBack(span: Span, damage: number): boolean;
}

/**
 * Swing of a rate that is believed when a recovery is looked for: the test's floor is for bursts of
 * silence, not for intervals.
 */
export const RECOVERY_SWING_FLOOR = 0.005;

/**
 * The distance under which a signal counts as back: the minimum effect, or, where so few requests
 * come that no stretch could ever prove that, half of the damage, but never more than may go unseen
 * in a steady service.
 */
export const backBound = ({ minimum, largestUnseen }: Omit<Meter, "isBack">, damage: number): number =>
  Math.max(minimum, Math.min(largestUnseen, damage / 2));

/** A meter whose signal is back when the upper bound of its distance is under `backBound`. */
function byBound(meter: Omit<Meter, "isBack">): Meter {
  return {
    ...meter,
    isBack(span, damage) {
      const bounds = meter.at(span);
      return bounds !== null && bounds.high < backBound(meter, damage);
    },
  };
}

const logOdds = (p: number): number => Math.log(p / (1 - p));
const inside = (p: number): number => Math.min(Math.max(p, 1e-7), 1 - 1e-7);

/** Share in a stretch with bounds at the effective number of requests. */
export function shareBounds(series: ShareSeries, span: Span, rho: number, z = Z_ONE_SIDED): Bounds | null {
  const n = sumKnown(series.n, span);
  if (!(n > 0)) return null;
  const k = sumKnown(series.k, span);
  const worth = effectiveRequests(n, Math.max(knownSteps(series.n, span), 1), rho);
  const bounds = wilson((k * worth) / n, worth, z);
  return { point: k / n, ...bounds };
}

/** What a share was before. */
export interface ShareReference {
  readonly share: number;
  /** Correlation inside a step. */
  readonly rho: number;
  /** Requests that the share rests on. */
  readonly n: number;
  /** Largest share that any stretch of some minutes had. */
  readonly most: number;
  /** Steps of a stretch for which nothing longer is waited; absent: there is none. */
  readonly longest?: number;
}

/** Failures (or failed connections) against a known share. */
export function failureMeter(series: ShareSeries, reference: ShareReference, effect: MinimumEffect): Meter {
  const { share: share0, rho } = reference;
  return byBound({
    at(span, z) {
      const share = shareBounds(series, span, rho, z);
      if (share === null) return null;
      return { point: share.point - share0, low: share.low - share0, high: share.high - share0 };
    },
    minimum: effect.failureShare,
    largestUnseen: Math.max(LARGEST_UNSEEN.failureShare, effect.failureShare),
  });
}

/**
 * Requests slower than a bound against a known share, in ln odds. They are back when their share is
 * within what this traffic varied by before, and no longer half of the damage: against a share near
 * zero no stretch could ever show that the odds are what they were. How much may go unseen in a
 * steady service is held against the bound of the share; where even the longest stretch has too few
 * requests to show that, against the share itself.
 */
export function slowMeter(series: ShareSeries, reference: ShareReference, effect: MinimumEffect): Meter {
  const { share: share0, rho } = reference;
  const from = logOdds(inside(share0));
  const distance = (p: number): number => logOdds(inside(p)) - from;
  const minimum = LOG_ODDS_PER_LOG_LATENCY * Math.log(effect.latencyRatio);
  const unseen = Math.max(LOG_ODDS_PER_LOG_LATENCY * Math.log(LARGEST_UNSEEN.latencyRatio), minimum);
  const meter = byBound({
    at(span, z) {
      const share = shareBounds(series, span, rho, z);
      if (share === null) return null;
      return { point: distance(share.point), low: distance(share.low), high: distance(share.high) };
    },
    minimum,
    largestUnseen: unseen,
  });
  const most = Math.max(shareAt(from + unseen), LARGEST_UNSEEN.slowShare);
  return {
    ...meter,
    isBack(span, damage) {
      if (meter.isBack(span, damage)) return true;
      const half = share0 + (shareAt(from + damage) - share0) / 2;
      const bounds = shareBounds(series, span, 0);
      const least = shareAt(from + minimum);
      if (bounds === null || !isUsual(series, span, reference)) return false;
      if (bounds.high < Math.max(least, Math.min(most, half))) return true;
      const isLongest = span.to - span.from >= (reference.longest ?? Number.POSITIVE_INFINITY);
      return isLongest && bounds.point <= most && bounds.high < half;
    },
  };
}

/** The share at a distance of odds `logit`. */
const shareAt = (logit: number): number => 1 / (1 + Math.exp(-logit));

/**
 * No more than any stretch of some minutes had before, or than its requests have by chance in 1 of
 * 20.
 */
function isUsual(series: ShareSeries, span: Span, { share, n: known, most }: ShareReference): boolean {
  const [k, n] = [sumKnown(series.k, span), sumKnown(series.n, span)];
  if (!(n > 0)) return false;
  if (k / n <= Math.max(most, share)) return true;
  const worth = (n * known) / (n + known);
  return known > 0 && signedRootBinomial((k * worth) / n, worth, inside(share)) <= Z_ONE_SIDED;
}

/** Fall of a request rate against a known one. */
export function rateMeter(
  n: Float64Array,
  baseline: Pick<RateBaseline, "perStep" | "nu" | "n" | "steps">,
  effect: MinimumEffect,
): Meter {
  return byBound({
    at(span, z = Z_ONE_SIDED) {
      const steps = knownSteps(n, span);
      if (steps === 0 || baseline.n <= 0) return null;
      const expected = baseline.perStep * steps;
      const point = 1 - sumKnown(n, span) / expected;
      const relative = 1 / expected + 1 / baseline.n + baseline.nu * (1 / steps + 1 / Math.max(baseline.steps, 1));
      const half = z * Math.sqrt(relative) * Math.max(1 - point, 0.1);
      return { point, low: point - half, high: Math.min(point + half, 1) };
    },
    minimum: effect.rateFall,
    largestUnseen: Math.max(LARGEST_UNSEEN.rateFall, effect.rateFall),
  });
}

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
    at(span, z = Z_ONE_SIDED) {
      const steps = knownSteps(logs, span);
      if (steps === 0 || steps0 === 0) return null;
      const point = sumKnown(logs, span) / steps - Math.log(ms);
      const half = z * Math.max(spread, QUANTILE_SPREAD_FLOOR) * Math.sqrt(1 / steps + 1 / steps0);
      return { point, low: point - half, high: point + half };
    },
    minimum: Math.log(effect.latencyRatio),
    largestUnseen: Math.log(Math.max(LARGEST_UNSEEN.latencyRatio, effect.latencyRatio)),
  });
}

const logMs = (ms: number): number => (Number.isNaN(ms) ? Number.NaN : Math.log(Math.max(ms, 1e-6)));

function quantileMeterBefore(track: QuantileTrack, before: Span, effect: MinimumEffect): Meter {
  const known = track.values
    .subarray(before.from, before.to)
    .map(logMs)
    .filter((x) => !Number.isNaN(x));
  const centre = medianOf(known);
  const spread = 1.4826 * medianOf(known.map((x) => Math.abs(x - centre)));
  return quantileMeter(track.values, Math.exp(centre), spread, known.length, effect);
}

/**
 * The meter of one signal, for latency at the bound `row`, against the steps `before` and what is
 * known of the service, when it is.
 */
export function meterOf(track: Track, row: number, before: Span, effect: MinimumEffect, known: Known | null): Meter {
  switch (track.form) {
    case "share": {
      const series = track.rows[row]!;
      const { share, rho, n } = shareBaseline(series, before, known?.longRuns[row] ?? null);
      const reference = { share, rho, n, most: mostBefore(series, before) };
      return (track.signal === "latency" ? slowMeter : failureMeter)(series, reference, effect);
    }
    case "rate":
      return rateMeter(track.n, rateBaseline(track.n, before, RECOVERY_SWING_FLOOR, known?.nu), effect);
    case "quantile":
      return quantileMeterBefore(track, before, effect);
  }
}
