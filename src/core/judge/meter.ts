import type { MinimumEffect } from "../model/policy.ts";
import { effectiveRequests } from "../stats/overdispersion.ts";
import { medianOf } from "../stats/quantile.ts";
import { wilson } from "../stats/wilson.ts";
import { LARGEST_UNSEEN, LOG_ODDS_PER_LOG_LATENCY, Z_ONE_SIDED } from "./constants.ts";
import { knownSteps, sumKnown } from "./masked.ts";
import { rateBaseline } from "./rate-deviate.ts";
import { type ShareSeries, shareBaseline } from "./share-deviate.ts";
import type { QuantileTrack, RateTrack, ShareTrack, Track } from "./track.ts";
import type { Span } from "./windows.ts";

/** Distance from no change, in the meter's own unit, with one-sided 95 % bounds. */
export interface Bounds {
  readonly point: number;
  readonly low: number;
  readonly high: number;
}

/** Measures how far a signal lies from its baseline in any stretch. Units: share (failures), ln odds (slow), fall (rate), ln ratio (quantile). */
export interface Meter {
  /** Null when nothing is known of the stretch. */
  at(span: Span): Bounds | null;
  /** Smallest distance worth telling. */
  readonly minimum: number;
  /** A distance that must not stay unseen in anything called steady or back. */
  readonly largestUnseen: number;
}

/** Swing of a rate that is believed when a recovery is looked for: the test's floor is for bursts of silence, not for intervals. */
const NU_FLOOR = 0.005;

const logOdds = (p: number): number => Math.log(p / (1 - p));
const inside = (p: number): number => Math.min(Math.max(p, 1e-7), 1 - 1e-7);

/** Share in a stretch with one-sided 95 % bounds at the effective number of requests. */
export function shareBounds(series: ShareSeries, span: Span, rho: number): Bounds | null {
  const n = sumKnown(series.n, span);
  if (!(n > 0)) return null;
  const k = sumKnown(series.k, span);
  const worth = effectiveRequests(n, Math.max(knownSteps(series.n, span), 1), rho);
  const bounds = wilson((k * worth) / n, worth, Z_ONE_SIDED);
  return { point: k / n, ...bounds };
}

function failureMeter(track: ShareTrack, before: Span, effect: MinimumEffect): Meter {
  const series = track.rows[0]!;
  const baseline = shareBaseline(series, before, null);
  return {
    at(span) {
      const share = shareBounds(series, span, baseline.rho);
      if (share === null) return null;
      const { point, low, high } = share;
      return { point: point - baseline.share, low: low - baseline.share, high: high - baseline.share };
    },
    minimum: effect.failureShare,
    largestUnseen: Math.max(LARGEST_UNSEEN.failureShare, effect.failureShare),
  };
}

function slowMeter(track: ShareTrack, row: number, before: Span, effect: MinimumEffect): Meter {
  const series = track.rows[row]!;
  const baseline = shareBaseline(series, before, null);
  const from = logOdds(baseline.share);
  const minimum = LOG_ODDS_PER_LOG_LATENCY * Math.log(effect.latencyRatio);
  return {
    at(span) {
      const share = shareBounds(series, span, baseline.rho);
      if (share === null) return null;
      const distance = (p: number): number => logOdds(inside(p)) - from;
      return { point: distance(share.point), low: distance(share.low), high: distance(share.high) };
    },
    minimum,
    largestUnseen: Math.max(LOG_ODDS_PER_LOG_LATENCY * Math.log(LARGEST_UNSEEN.latencyRatio), minimum),
  };
}

function rateMeter(track: RateTrack, before: Span, effect: MinimumEffect): Meter {
  const baseline = rateBaseline(track.n, before, NU_FLOOR);
  return {
    at(span) {
      const steps = knownSteps(track.n, span);
      if (steps === 0 || baseline.n <= 0) return null;
      const expected = baseline.perStep * steps;
      const point = 1 - sumKnown(track.n, span) / expected;
      const relative = 1 / expected + 1 / baseline.n + baseline.nu * (1 / steps + 1 / Math.max(baseline.steps, 1));
      const half = Z_ONE_SIDED * Math.sqrt(relative) * Math.max(1 - point, 0.1);
      return { point, low: point - half, high: Math.min(point + half, 1) };
    },
    minimum: effect.rateFall,
    largestUnseen: Math.max(LARGEST_UNSEEN.rateFall, effect.rateFall),
  };
}

function quantileMeter(track: QuantileTrack, before: Span, effect: MinimumEffect): Meter {
  const logs = track.values.map((x) => (Number.isNaN(x) ? Number.NaN : Math.log(Math.max(x, 1e-6))));
  const centre = medianOf(logs.subarray(before.from, before.to));
  const known = logs.subarray(before.from, before.to).filter((x) => !Number.isNaN(x));
  const spread = Math.max(1.4826 * medianOf(known.map((x) => Math.abs(x - centre))), 0.1);
  return {
    at(span) {
      const steps = knownSteps(logs, span);
      if (steps === 0 || known.length === 0) return null;
      const point = sumKnown(logs, span) / steps - centre;
      const half = Z_ONE_SIDED * spread * Math.sqrt(1 / steps + 1 / known.length);
      return { point, low: point - half, high: point + half };
    },
    minimum: Math.log(effect.latencyRatio),
    largestUnseen: Math.log(Math.max(LARGEST_UNSEEN.latencyRatio, effect.latencyRatio)),
  };
}

/** The meter of one signal, for latency at the bound `row`, against the steps `before`. */
export function meterOf(track: Track, row: number, before: Span, effect: MinimumEffect): Meter {
  switch (track.form) {
    case "share":
      return track.signal === "latency" ? slowMeter(track, row, before, effect) : failureMeter(track, before, effect);
    case "rate":
      return rateMeter(track, before, effect);
    case "quantile":
      return quantileMeter(track, before, effect);
  }
}
