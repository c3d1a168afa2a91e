import { meanInflation, partInflation, worthForVariance } from "../../stats/autocorrelation.ts";
import { effectiveRequests } from "../../stats/overdispersion.ts";
import { SHRINKAGE_REQUESTS } from "../input/constants.ts";
import type { LongRun } from "../input/known.ts";
import type { CommonSwing } from "./common-swing.ts";
import { clamp, type ShareBefore, type ShareCounts } from "./share-before.ts";

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

/**
 * Baseline of a share from the steps before alone: judge.md §2.2, with p_h and ρ of §2.16 step 1.
 * @param swingFloor squared relative swing that it has at least
 * @param common how all services swing: no calmer than that is a service believed to be that has
 * failed before; without any failure its own share says it all
 */
export function ownShareBaseline(seen: ShareBefore, swingFloor = 0, common?: CommonSwing): ShareBaseline {
  const { k, n, steps } = seen;
  const longShare = (k + 0.5) / (n + 1);
  const least = (swingFloor * longShare) / (1 - Math.min(longShare, 0.5));
  const pq = clamp(longShare) * (1 - clamp(longShare));
  const like = k > 0 ? common : undefined;
  const seenRho = like === undefined ? seen.rho : Math.min(Math.max(seen.rho, like.swing * pq), 0.5);
  const rho = Math.min(Math.max(seenRho, least), 0.5);
  const swingLag1 = Math.max(seen.lag1, like?.lag1 ?? 0);
  const swingHits = (k / Math.max(steps, 1)) * (seenRho / pq);
  const swingPart = like === undefined ? 0 : swingHits / (1 + swingHits);
  const expected = leaning(seen, longShare, rho * meanInflation(steps, swingLag1));
  return { ...expected, rho, seenRho, k, n, steps, lag1: seen.lag1, swingLag1, swingPart };
}

/** Baseline of a share of which a long run is known: judge.md §2.2. */
export function knownShareBaseline(counts: ShareCounts, { share, rho }: LongRun): ShareBaseline {
  const { k, n, steps } = counts;
  const expected = leaning(counts, share, rho);
  return { ...expected, rho, seenRho: rho, k, n, steps, lag1: null, swingLag1: null, swingPart: 0 };
}

/** The share that is expected, between what was counted and the long-run share, and its worth. */
function leaning(
  { k, n, steps }: ShareCounts,
  longShare: number,
  rho: number,
): Pick<ShareBaseline, "share" | "weight"> {
  const effective = effectiveRequests(n, Math.max(steps, 1), rho);
  const own = n > 0 ? (k * effective) / n : 0;
  const weight = effective + SHRINKAGE_REQUESTS;
  return { share: clamp((own + SHRINKAGE_REQUESTS * longShare) / weight), weight };
}

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

/** Independent values that the spread of a share's baseline rests on, for Student's t. */
export const shareSpreadWorth = ({ steps, lag1 }: ShareBaseline): number =>
  Math.max(worthForVariance(steps, lag1 ?? 0), 2);
