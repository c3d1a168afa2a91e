import { meanInflation, partInflation } from "../../stats/autocorrelation.ts";
import { effectiveRequests } from "../../stats/overdispersion.ts";
import { scanBlocks } from "../../stats/scan-blocks.ts";
import { signedRootBinomial } from "../../stats/signed-root.ts";
import { swingingRoot } from "../../stats/swinging-root.ts";
import { trimmedShift } from "../../stats/trimmed-shift.ts";
import { SHRINKAGE_REQUESTS } from "../input/constants.ts";
import type { LongRun } from "../input/known.ts";
import type { ShareSeries } from "../input/track.ts";
import type { Span } from "../input/windows.ts";
import type { CommonSwing } from "./common-swing.ts";
import { clamp, countsOf, seenBefore } from "./share-before.ts";

export interface ShareBaseline {
  /** Expected share after, shrunk towards the long run. */
  readonly share: number;
  readonly rho: number;
  /** ρ as it was seen, here or among all services, where `rho` is held to be at least something. */
  readonly seenRho: number;
  /** Requests that the baseline is worth, swings and shrinkage counted. */
  readonly weight: number;
  readonly k: number;
  readonly n: number;
  /** Steps before with requests. */
  readonly steps: number;
  /**
   * How much the share of a step resembles that of the one before; null where a long run is known,
   * whose placebos swing as slowly.
   */
  readonly lag1: number | null;
  /**
   * The same of the swing alone, here or among all services; chance hides it in steps with few
   * failures.
   */
  readonly swingLag1: number | null;
  /**
   * How much of a step's variance is swing, for a service that is taken to swing as all do; else 0.
   */
  readonly swingPart: number;
}

export interface ShareDeviate {
  readonly scan: number;
  readonly shift: number;
  /** The block where the scan is largest, in steps of the series. */
  readonly block: Span;
  readonly k: number;
  readonly n: number;
}

/**
 * Baseline of a share from the steps before: judge.md §2.2, with p_h and ρ of §2.16 step 1 where no
 * long run is known.
 * @param common how all services swing: no calmer than that is a service believed to be that has
 * failed before; without any failure its own share says it all
 */
export function shareBaseline(
  series: ShareSeries,
  before: Span,
  longRun: LongRun | null,
  swingFloor = 0,
  common?: CommonSwing,
): ShareBaseline {
  const { k, n, steps, ...seen } = longRun === null ? seenBefore(series, before) : countsOf(series, before);
  const longShare = longRun?.share ?? (k + 0.5) / (n + 1);
  const least = (swingFloor * longShare) / (1 - Math.min(longShare, 0.5));
  const pq = clamp(longShare) * (1 - clamp(longShare));
  const ownRho = longRun?.rho ?? seen.rho;
  const like = k > 0 ? common : undefined;
  const seenRho = like === undefined ? ownRho : Math.min(Math.max(ownRho, like.swing * pq), 0.5);
  const rho = longRun === null ? Math.min(Math.max(seenRho, least), 0.5) : seenRho;
  const swingLag1 = seen.lag1 === null ? null : Math.max(seen.lag1, like?.lag1 ?? 0);
  const swingHits = (k / Math.max(steps, 1)) * (seenRho / pq);
  const effective = effectiveRequests(n, Math.max(steps, 1), rho * meanInflation(steps, swingLag1 ?? 0));
  const own = n > 0 ? (k * effective) / n : 0;
  const share = clamp((own + SHRINKAGE_REQUESTS * longShare) / (effective + SHRINKAGE_REQUESTS));
  const weight = effective + SHRINKAGE_REQUESTS;
  const swingPart = like === undefined ? 0 : swingHits / (1 + swingHits);
  return { share, rho, seenRho, weight, k, n, steps, lag1: seen.lag1, swingLag1, swingPart };
}

/**
 * The share that `odds` times the odds of `share` make: the null of a test with a minimum effect
 * inside it.
 */
export const timesOdds = (share: number, odds: number): number => (share * odds) / (1 - share + share * odds);

/**
 * By how much the variance of √n times the mean of `steps` deviates exceeds 1: they resemble each
 * other, and so did those from which the share was learnt that they are held against. 1 where a
 * long run is known.
 */
export function shiftInflation(steps: number, { steps: known, lag1, swingLag1, swingPart }: ShareBaseline): number {
  if (lag1 === null) return 1;
  const inflation = (n: number): number =>
    Math.max(meanInflation(n, lag1), partInflation(n, swingPart, swingLag1 ?? 0));
  return inflation(steps) + (steps / Math.max(known, 1)) * inflation(known);
}

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
  block(k, n, steps, p, { rho, weight, swingLag1 }) {
    const own = effectiveRequests(n, steps, rho * meanInflation(steps, swingLag1 ?? 0));
    const worth = own > 0 ? (own * weight) / (own + weight) : 0;
    return worth > 0 ? signedRootBinomial((k * worth) / n, worth, p) : 0;
  },
};

/** Squared relative swing of the odds that was seen in a step before. */
const swingOf = ({ seenRho, share }: ShareBaseline): number => seenRho / (share * (1 - share));

/**
 * Requests count in full, but the odds swing by factors, as widely as was seen before. A share that
 * was seen to double by itself may well be seen tenfold: a discount of its requests calls that a
 * wonder.
 */
export const swinging: Reading = {
  step: (k, n, p, baseline) => swingingRoot(k, n, p, Math.log1p(swingOf(baseline))),
  block(k, n, steps, p, baseline) {
    const [lag1, known] = [baseline.swingLag1 ?? 0, Math.max(baseline.steps, 1)];
    const weight = baseline.n + SHRINKAGE_REQUESTS;
    const worth = (n * weight) / (n + weight);
    const relative = meanInflation(steps, lag1) / steps + meanInflation(known, lag1) / known;
    return worth > 0 ? swingingRoot((k * worth) / n, worth, p, Math.log1p(swingOf(baseline) * relative)) : 0;
  },
};

/**
 * Scan and shift of a share after against its baseline (judge.md §2.2). `null0` is the share to be
 * exceeded: the baseline's, or a higher one when the minimum effect is part of the null. Masked
 * steps count for neither.
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
    // A block below its expectation scores at most −penalty: nothing to compute when that was
    // already beaten.
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
    shift: trimmedShift(perStep) / Math.sqrt(shiftInflation(steps, baseline)),
    block: { from: after.from + best.from, to: after.from + best.to },
    k: ks[best.to]! - ks[best.from]!,
    n: ns[best.to]! - ns[best.from]!,
  };
}
