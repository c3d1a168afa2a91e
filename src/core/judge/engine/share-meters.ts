import type { MinimumEffect } from "../../model/policy.ts";
import { Z_ONE_SIDED } from "../../stats/normal.ts";
import { effectiveRequests } from "../../stats/overdispersion.ts";
import { signedRootBinomial } from "../../stats/signed-root.ts";
import { wilson } from "../../stats/wilson.ts";
import { LARGEST_UNSEEN } from "../input/constants.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import type { ShareSeries } from "../input/track.ts";
import type { Span } from "../input/windows.ts";
import type { ShareComparison } from "./comparison.ts";
import { type Bounds, byBound, type Meter } from "./meter.ts";
import { limitsOf } from "./minimum-effect.ts";
import type { ShareBaseline } from "./share-baseline.ts";
import { mostBefore } from "./share-before.ts";

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
  /** Largest share that any stretch of some minutes had; asked only where few requests come. */
  most(): number;
  /** Steps of a stretch for which nothing longer is waited; absent: there is none. */
  readonly longest?: number;
}

/** Failures (or failed connections) against a known share. */
export function failureMeter(series: ShareSeries, reference: ShareReference, effect: MinimumEffect): Meter {
  const { share: share0, rho } = reference;
  return byBound({
    before: share0,
    at(span, z) {
      const share = shareBounds(series, span, rho, z);
      if (share === null) return null;
      return { point: share.point - share0, low: share.low - share0, high: share.high - share0 };
    },
    ...limitsOf("share", effect),
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
  const limits = limitsOf("ln-odds", effect);
  const meter = byBound({
    before: share0,
    at(span, z) {
      const share = shareBounds(series, span, rho, z);
      if (share === null) return null;
      return { point: distance(share.point), low: distance(share.low), high: distance(share.high) };
    },
    ...limits,
  });
  const most = Math.max(shareAt(from + limits.largestUnseen), LARGEST_UNSEEN.slowShare);
  return {
    ...meter,
    isBack(span, damage) {
      if (meter.isBack(span, damage)) return true;
      const half = share0 + (shareAt(from + damage) - share0) / 2;
      const bounds = shareBounds(series, span, 0);
      const least = shareAt(from + limits.minimum);
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
  if (k / n <= Math.max(most(), share)) return true;
  const worth = (n * known) / (n + known);
  return known > 0 && signedRootBinomial((k * worth) / n, worth, inside(share)) <= Z_ONE_SIDED;
}

/** The meter of a signal whose share was `baseline` before, for latency at the bound `row`. */
export function shareMeter({ track, windows, effect }: ShareComparison, row: number, baseline: ShareBaseline): Meter {
  const series = track.rows[row]!;
  const { share, rho, n } = baseline;
  let most: number | null = null;
  const reference = {
    share,
    rho,
    n,
    most() {
      most ??= mostBefore(series, windows.before);
      return most;
    },
  };
  return (track.signal === "latency" ? slowMeter : failureMeter)(series, reference, effect);
}
