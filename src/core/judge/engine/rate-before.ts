import { rankAutocorrelation, unbiasedLag1, varianceLeft } from "../../stats/autocorrelation.ts";
import { relativeVariance } from "../../stats/overdispersion.ts";
import { FEWEST_NEIGHBOURS } from "../input/constants.ts";
import type { Span } from "../input/windows.ts";

/** Beyond this a swing says nothing any more. */
export const MOST_SWING = 4;

/** Requests in the steps before. */
export interface RateCounts {
  readonly n: number;
  readonly squares: number;
  /** Known steps. */
  readonly steps: number;
}

/** What a request rate did in the steps before. */
export interface RateBefore extends RateCounts {
  /** Squared relative swing of a step beyond Poisson. */
  readonly nu: number;
  /** How much a step resembles the one before. */
  readonly lag1: number;
}

/** The counts alone, for a rate whose swing is known from a long run. */
export function rateCountsBefore(counts: Float64Array, before: Span): RateCounts {
  let [n, squares, steps] = [0, 0, 0];
  for (let i = before.from; i < before.to; i++) {
    const x = counts[i]!;
    if (Number.isNaN(x)) continue;
    n += x;
    squares += x * x;
    steps++;
  }
  return { n, squares, steps };
}

/** The counts of the steps `before`, and how they swing. */
export function rateSeenBefore(n: Float64Array, before: Span): RateBefore {
  const counts = rateCountsBefore(n, before);
  const lag1 = lagOfCounts(n, before);
  return { ...counts, lag1, nu: swingOf(counts, lag1) };
}

/**
 * ν of the steps before around their own mean, mended for what that mean took along of slow swings.
 */
function swingOf({ n, squares, steps }: RateCounts, lag1: number): number {
  if (steps < 2) return 0;
  const independent = varianceLeft(steps, 0);
  return Math.min((relativeVariance(n, squares, steps, 0) * independent) / varianceLeft(steps, lag1), MOST_SWING);
}

function lagOfCounts(n: Float64Array, before: Span): number {
  const known: number[] = [];
  for (let i = before.from; i < before.to; i++) if (!Number.isNaN(n[i])) known.push(n[i]!);
  return known.length < FEWEST_NEIGHBOURS ? 0 : unbiasedLag1(rankAutocorrelation(known), known.length);
}
