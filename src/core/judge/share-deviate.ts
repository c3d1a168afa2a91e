import { meanInflation, rankAutocorrelation, unbiasedLag1, varianceLeft } from "../stats/autocorrelation.ts";
import { effectiveRequests, intraStepCorrelation } from "../stats/overdispersion.ts";
import { scanBlocks } from "../stats/scan-blocks.ts";
import { signedRootBinomial } from "../stats/signed-root.ts";
import { swingingRoot } from "../stats/swinging-root.ts";
import { trimmedShift } from "../stats/trimmed-shift.ts";
import { FEWEST_NEIGHBOURS, SHRINKAGE_REQUESTS } from "./constants.ts";
import type { Span } from "./windows.ts";

/** `k` of `n` requests a step (failed, or slower than a bound); NaN in both where masked. */
export interface ShareSeries {
  readonly k: Float64Array;
  readonly n: Float64Array;
}

/** What is known of a service beyond the window; absent in the short-window judge, which takes both from the window itself. */
export interface LongRun {
  /** Share over the whole history. */
  readonly share: number;
  /** Correlation inside a step. */
  readonly rho: number;
  /** Successes and trials that the share rests on. */
  readonly k: number;
  readonly n: number;
}

export interface ShareBaseline {
  /** Expected share after, shrunk towards the long run. */
  readonly share: number;
  readonly rho: number;
  /** ρ as it was seen, where `rho` is held to be at least something. */
  readonly seenRho: number;
  /** Requests that the baseline is worth, swings and shrinkage counted. */
  readonly weight: number;
  readonly k: number;
  readonly n: number;
  /** Steps before with requests. */
  readonly steps: number;
  /** How much the share of a step resembles that of the one before; null where a long run is known, whose placebos swing as slowly. */
  readonly lag1: number | null;
}

export interface ShareDeviate {
  readonly scan: number;
  readonly shift: number;
  /** The block where the scan is largest, in steps of the series. */
  readonly block: Span;
  readonly k: number;
  readonly n: number;
}

const clamp = (p: number): number => Math.min(Math.max(p, 1e-7), 1 - 1e-7);

/** Baseline of a share from the steps before: judge.md §2.2, with p_h and ρ of §2.16 step 1 where no long run is known. */
export function shareBaseline(
  series: ShareSeries,
  before: Span,
  longRun: LongRun | null,
  swingFloor = 0,
): ShareBaseline {
  let k = 0;
  let n = 0;
  let steps = 0;
  for (let i = before.from; i < before.to; i++) {
    if (!(series.n[i]! > 0)) continue;
    k += series.k[i]!;
    n += series.n[i]!;
    steps++;
  }
  const longShare = longRun?.share ?? (k + 0.5) / (n + 1);
  const least = (swingFloor * longShare) / (1 - Math.min(longShare, 0.5));
  const lag1 = longRun === null ? lagOfShares(series, before) : null;
  const seenRho = longRun?.rho ?? ownCorrelation(series, before, clamp(longShare), steps, lag1 ?? 0);
  const rho = longRun === null ? Math.min(Math.max(seenRho, least), 0.5) : seenRho;
  const effective = effectiveRequests(n, Math.max(steps, 1), rho * meanInflation(steps, lag1 ?? 0));
  const own = n > 0 ? (k * effective) / n : 0;
  const share = clamp((own + SHRINKAGE_REQUESTS * longShare) / (effective + SHRINKAGE_REQUESTS));
  return { share, rho, seenRho, weight: effective + SHRINKAGE_REQUESTS, k, n, steps, lag1 };
}

function lagOfShares(series: ShareSeries, before: Span): number {
  const shares: number[] = [];
  for (let i = before.from; i < before.to; i++) if (series.n[i]! > 0) shares.push(series.k[i]! / series.n[i]!);
  return shares.length < FEWEST_NEIGHBOURS ? 0 : unbiasedLag1(rankAutocorrelation(shares), shares.length);
}

/** ρ of the steps before around their own share, mended for what that share took along. */
function ownCorrelation(series: ShareSeries, before: Span, share: number, steps: number, lag1: number): number {
  const { k, n } = { k: series.k.subarray(before.from, before.to), n: series.n.subarray(before.from, before.to) };
  return steps < 2 ? 0 : Math.min(intraStepCorrelation(k, n, share) / varianceLeft(steps, lag1), 0.5);
}

/** The share that `odds` times the odds of `share` make: the null of a test with a minimum effect inside it. */
export const timesOdds = (share: number, odds: number): number => (share * odds) / (1 - share + share * odds);

/**
 * By how much the variance of √n times the mean of `steps` deviates exceeds 1: they resemble each other, and so did those from which the share
 * was learnt that they are held against. 1 where a long run is known.
 */
export const shiftInflation = (steps: number, known: number, lag1: number | null): number =>
  lag1 === null ? 1 : meanInflation(steps, lag1) + (steps / Math.max(known, 1)) * meanInflation(known, lag1);

/** How far `k` of `n` requests in `steps` steps lie beyond the share p, in deviates. */
export interface Reading {
  /** One step, as if the baseline were known. */
  step(k: number, n: number, p: number, baseline: ShareBaseline): number;
  /** Neighbouring steps, with what the baseline leaves open. */
  block(k: number, n: number, steps: number, p: number, baseline: ShareBaseline): number;
}

/** Requests that swing together count for fewer (judge.md §2.2). */
export const discounted: Reading = {
  step(k, n, p, { rho }) {
    const worth = effectiveRequests(n, 1, rho);
    return signedRootBinomial((k * worth) / n, worth, p);
  },
  block(k, n, steps, p, { rho, weight, lag1 }) {
    const own = effectiveRequests(n, steps, rho * meanInflation(steps, lag1 ?? 0));
    const worth = own > 0 ? (own * weight) / (own + weight) : 0;
    return worth > 0 ? signedRootBinomial((k * worth) / n, worth, p) : 0;
  },
};

/** Squared relative swing of the odds that was seen in a step before. */
const swingOf = ({ seenRho, share }: ShareBaseline): number => seenRho / (share * (1 - share));

/**
 * Requests count in full, but the odds swing by factors, as widely as was seen before. A share that was seen to double by itself may well be seen
 * tenfold: a discount of its requests calls that a wonder.
 */
export const swinging: Reading = {
  step: (k, n, p, baseline) => swingingRoot(k, n, p, Math.log1p(swingOf(baseline))),
  block(k, n, steps, p, baseline) {
    const [lag1, known] = [baseline.lag1 ?? 0, Math.max(baseline.steps, 1)];
    const weight = baseline.n + SHRINKAGE_REQUESTS;
    const worth = (n * weight) / (n + weight);
    const relative = meanInflation(steps, lag1) / steps + meanInflation(known, lag1) / known;
    return worth > 0 ? swingingRoot((k * worth) / n, worth, p, Math.log1p(swingOf(baseline) * relative)) : 0;
  },
};

/**
 * Scan and shift of a share after against its baseline (judge.md §2.2). `null0` is the share to be exceeded: the baseline's, or a higher
 * one when the minimum effect is part of the null. Masked steps count for neither.
 */
export function shareDeviate(
  series: ShareSeries,
  after: Span,
  baseline: ShareBaseline,
  null0: number,
  reading: Reading = discounted,
): ShareDeviate {
  const p = clamp(null0);
  const steps = after.to - after.from;
  const ks = new Float64Array(steps + 1);
  const ns = new Float64Array(steps + 1);
  const perStep = new Float64Array(steps);
  for (let i = 0; i < steps; i++) {
    const n = series.n[after.from + i]!;
    const known = n > 0;
    const k = known ? series.k[after.from + i]! : 0;
    ks[i + 1] = ks[i]! + k;
    ns[i + 1] = ns[i]! + (known ? n : 0);
    perStep[i] = known ? reading.step(k, n, p, baseline) : 0;
  }
  let scan = Number.NEGATIVE_INFINITY;
  let best = { from: 0, to: steps };
  for (const block of scanBlocks(steps)) {
    const n = ns[block.from + block.width]! - ns[block.from]!;
    // A block below its expectation scores at most −penalty: nothing to compute when that was already beaten.
    const k = ks[block.from + block.width]! - ks[block.from]!;
    if (k <= n * p && scan >= -block.penalty) continue;
    const z = reading.block(k, n, block.width, p, baseline) - block.penalty;
    if (z > scan) {
      scan = z;
      best = { from: block.from, to: block.from + block.width };
    }
  }
  return {
    scan,
    shift: trimmedShift(perStep) / Math.sqrt(shiftInflation(steps, baseline.steps, baseline.lag1)),
    block: { from: after.from + best.from, to: after.from + best.to },
    k: ks[best.to]! - ks[best.from]!,
    n: ns[best.to]! - ns[best.from]!,
  };
}
