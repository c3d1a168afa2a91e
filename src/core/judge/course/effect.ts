import type { Grid } from "../../model/series.ts";
import { SECOND_MS } from "../../model/units.ts";
import type { Bracket, Effect } from "../../model/verdict.ts";
import { Z_ONE_SIDED, Z_TWO_SIDED } from "../../stats/normal.ts";
import { effectiveRequests } from "../../stats/overdispersion.ts";
import { shareDifference } from "../../stats/wilson.ts";
import type { Comparison, QuantileComparison, RateComparison, ShareComparison } from "../engine/comparison.ts";
import { ownRateBaseline } from "../engine/rate-baseline.ts";
import { ownShareBaseline } from "../engine/share-baseline.ts";
import { mostBefore } from "../engine/share-before.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import type { ShareTrack } from "../input/track.ts";
import type { Span } from "../input/windows.ts";
import { ownMeter } from "../window/own-meter.ts";

const LEVEL = 0.95;
/** 1 − 0.99 is a hair more than a hundredth in floating point. */
const TINY = 1e-9;

function shareEffect(compared: ShareComparison, row: number, stretch: Span): Effect | null {
  const { track, windows, grid } = compared;
  const series = track.rows[row]!;
  const baseline = ownShareBaseline(compared.seen(row));
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
    ...quantilesOf(track, windows.before, stretch),
    over: timeOf(stretch, grid),
    most: mostBefore(series, windows.before),
  };
}

function quantilesOf(track: ShareTrack, before: Span, stretch: Span): Pick<Effect, "quantiles"> {
  const { boundsMs } = track;
  if (boundsMs === undefined || boundsMs === null) return {};
  const both = (q: number) => ({
    before: bracketOf(track, boundsMs, before, q),
    after: bracketOf(track, boundsMs, stretch, q),
  });
  return { quantiles: { median: both(0.5), p99: both(0.99) } };
}

/**
 * Between which of the bounds quantile `q` lies: a bound is at or above it when no more than 1 − q
 * of the answers took longer, as `histogram_quantile` has it.
 */
function bracketOf(track: ShareTrack, boundsMs: readonly number[], span: Span, q: number): Bracket {
  const first = boundsMs.findIndex((_, row) => {
    const { k, n } = track.rows[row]!;
    return sumKnown(k, span) <= (1 - q) * sumKnown(n, span) + TINY;
  });
  const at = first === -1 ? boundsMs.length : first;
  return { fromMs: boundsMs[at - 1] ?? 0, toMs: boundsMs[at] ?? null };
}

const timeOf = ({ from, to }: Span, { startMs, stepMs }: Grid) => ({
  fromMs: startMs + from * stepMs,
  toMs: startMs + to * stepMs,
});

function rateEffect(compared: RateComparison, stretch: Span): Effect | null {
  const { track, windows, grid } = compared;
  const baseline = ownRateBaseline(compared.seen(), 0);
  const bounds = ownMeter(compared, 0).at(stretch);
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

function quantileEffect(compared: QuantileComparison, stretch: Span): Effect | null {
  const { track, grid } = compared;
  const bounds = ownMeter(compared, 0).at(stretch);
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
export function effectOf(compared: Comparison, row: number, stretch: Span): Effect | null {
  switch (compared.form) {
    case "share":
      return shareEffect(compared, row, stretch);
    case "rate":
      return rateEffect(compared, stretch);
    case "quantile":
      return quantileEffect(compared, stretch);
  }
}
