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
import { mostBefore } from "../window/share-before.ts";
import { shareBaseline } from "../window/share-deviate.ts";

const LEVEL = 0.95;

/** What an effect is measured over, and against what. */
export interface Measured {
  readonly windows: Windows;
  /** The steps after t0 that count. */
  readonly stretch: Span;
  readonly grid: Grid;
  readonly effect: MinimumEffect;
}

function shareEffect(track: ShareTrack, row: number, { windows, stretch, grid }: Measured): Effect | null {
  const series = track.rows[row]!;
  const baseline = shareBaseline(series, windows.before, null);
  const [k, n] = [sumKnown(series.k, stretch), sumKnown(series.n, stretch)];
  if (!(n > 0) || !(baseline.n > 0)) return null;
  const worthBefore = effectiveRequests(baseline.n, Math.max(baseline.steps, 1), baseline.rho);
  const worthAfter = effectiveRequests(n, Math.max(knownSteps(series.n, stretch), 1), baseline.rho);
  const [before, after] = [baseline.k / baseline.n, k / n];
  const change = shareDifference(
    { k: before * worthBefore, m: worthBefore },
    { k: after * worthAfter, m: worthAfter },
    Z_TWO_SIDED,
  );
  return {
    unit: "share",
    before,
    after,
    change: { ...change, level: LEVEL },
    excess: sumKnown(series.k, windows.after) - sumKnown(series.n, windows.after) * baseline.share,
    boundMs: track.boundsMs?.[row] ?? null,
    over: timeOf(stretch, grid),
    most: mostBefore(series, windows.before),
  };
}

const timeOf = ({ from, to }: Span, { startMs, stepMs }: Grid) => ({
  fromMs: startMs + from * stepMs,
  toMs: startMs + to * stepMs,
});

function rateEffect(track: RateTrack, { windows, stretch, grid, effect }: Measured): Effect | null {
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
    over: timeOf(stretch, grid),
  };
}

function quantileEffect(track: QuantileTrack, { windows, stretch, grid, effect }: Measured): Effect | null {
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
    over: timeOf(stretch, grid),
  };
}

/**
 * How much worse: failures as shares; latency as shares of answers slower than the bound `row`;
 * rate as requests a second, and their ratio; quantiles in ms, and their ratio. Null when the
 * stretch or the baseline is empty.
 */
export function effectOf(track: Track, row: number, measured: Measured): Effect | null {
  switch (track.form) {
    case "share":
      return shareEffect(track, row, measured);
    case "rate":
      return rateEffect(track, measured);
    case "quantile":
      return quantileEffect(track, measured);
  }
}
