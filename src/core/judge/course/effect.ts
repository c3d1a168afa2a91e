import type { MinimumEffect } from "../../model/policy.ts";
import type { Grid } from "../../model/series.ts";
import { SECOND_MS } from "../../model/units.ts";
import type { Effect } from "../../model/verdict.ts";
import { effectiveRequests } from "../../stats/overdispersion.ts";
import { shareDifference } from "../../stats/wilson.ts";
import { Z_ONE_SIDED, Z_TWO_SIDED } from "../input/constants.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import type { QuantileTrack, RateTrack, ShareTrack, Track } from "../input/track.ts";
import type { Span, Windows } from "../input/windows.ts";
import { meterOf } from "../window/meter.ts";
import { rateBaseline } from "../window/rate-deviate.ts";
import { shareBaseline } from "../window/share-deviate.ts";

const LEVEL = 0.95;

function shareEffect(track: ShareTrack, row: number, windows: Windows, stretch: Span): Effect | null {
  const series = track.rows[row]!;
  const baseline = shareBaseline(series, windows.before, null);
  const [k, n] = [sumKnown(series.k, stretch), sumKnown(series.n, stretch)];
  if (!(n > 0) || !(baseline.n > 0)) return null;
  const worthBefore = effectiveRequests(baseline.n, Math.max(baseline.steps, 1), baseline.rho);
  const worthAfter = effectiveRequests(n, Math.max(knownSteps(series.n, stretch), 1), baseline.rho);
  const [before, after] = [baseline.k / baseline.n, k / n];
  const total = { k: sumKnown(series.k, windows.after), n: sumKnown(series.n, windows.after) };
  const excess = total.k - total.n * baseline.share;
  const scaled = [
    { k: before * worthBefore, m: worthBefore },
    { k: after * worthAfter, m: worthAfter },
  ] as const;
  const boundMs = track.boundsMs?.[row] ?? null;
  if (track.signal !== "latency") {
    const change = { ...shareDifference(scaled[0], scaled[1], Z_TWO_SIDED), level: LEVEL };
    return { unit: "share", before, after, change, excess, boundMs };
  }
  return {
    unit: "ratio",
    before,
    after,
    change: { ...shareRatio(scaled[0], scaled[1]), level: LEVEL },
    excess,
    boundMs,
  };
}

/** Ratio of two shares with Katz's interval, half a success added to each so that zeros have one too. */
function shareRatio(before: { k: number; m: number }, after: { k: number; m: number }) {
  const p0 = (before.k + 0.5) / (before.m + 0.5);
  const p1 = (after.k + 0.5) / (after.m + 0.5);
  const half = Z_TWO_SIDED * Math.sqrt(Math.max((1 - p0) / (before.k + 0.5) + (1 - p1) / (after.k + 0.5), 0));
  const point = p1 / p0;
  return { point, low: point * Math.exp(-half), high: point * Math.exp(half) };
}

function rateEffect(
  track: RateTrack,
  windows: Windows,
  stretch: Span,
  grid: Grid,
  effect: MinimumEffect,
): Effect | null {
  const baseline = rateBaseline(track.n, windows.before, 0);
  const bounds = meterOf(track, 0, windows.before, effect, null).at(stretch);
  if (bounds === null) return null;
  const before = (baseline.perStep * SECOND_MS) / grid.stepMs;
  const point = 1 - bounds.point;
  const wider = Z_TWO_SIDED / Z_ONE_SIDED;
  return {
    unit: "ratio",
    before,
    after: before * point,
    change: {
      point,
      low: Math.max(point - (bounds.high - bounds.point) * wider, 0),
      high: point + (bounds.point - bounds.low) * wider,
      level: LEVEL,
    },
    excess: baseline.perStep * knownSteps(track.n, windows.after) - sumKnown(track.n, windows.after),
    boundMs: null,
  };
}

function quantileEffect(track: QuantileTrack, windows: Windows, stretch: Span, effect: MinimumEffect): Effect | null {
  const bounds = meterOf(track, 0, windows.before, effect, null).at(stretch);
  if (bounds === null) return null;
  const after = Math.exp(sumKnown(track.values.map(Math.log), stretch) / knownSteps(track.values, stretch));
  const wider = Z_TWO_SIDED / Z_ONE_SIDED;
  const point = Math.exp(bounds.point);
  return {
    unit: "ratio",
    before: after / point,
    after,
    change: {
      point,
      low: point * Math.exp((bounds.low - bounds.point) * wider),
      high: point * Math.exp((bounds.high - bounds.point) * wider),
      level: LEVEL,
    },
    excess: 0,
    boundMs: null,
  };
}

/**
 * How much worse, over `stretch`: failures as shares; latency as shares of requests slower than the bound `row`, and their ratio; rate as requests a
 * second, and their ratio; quantiles in ms. Null when the stretch or the baseline is empty.
 */
export function effectOf(
  track: Track,
  row: number,
  windows: Windows,
  stretch: Span,
  grid: Grid,
  effect: MinimumEffect,
): Effect | null {
  switch (track.form) {
    case "share":
      return shareEffect(track, row, windows, stretch);
    case "rate":
      return rateEffect(track, windows, stretch, grid, effect);
    case "quantile":
      return quantileEffect(track, windows, stretch, effect);
  }
}
