import { partInflation, worthForVariance } from "../../stats/autocorrelation.ts";
import type { CommonSwing } from "./common-swing.ts";
import type { RateBefore, RateCounts } from "./rate-before.ts";

export interface RateBaseline {
  /** Requests expected a step. */
  readonly perStep: number;
  /** Squared relative swing of a step beyond Poisson. */
  readonly nu: number;
  /** ν as it was seen, here or among all services, where `nu` is held to be at least something. */
  readonly seenNu: number;
  readonly n: number;
  readonly steps: number;
  /**
   * How much a step resembles the one before; null where ν is known from a long run, whose placebos
   * swing as slowly.
   */
  readonly lag1: number | null;
  /**
   * The same of the swing alone, here or among all services; chance hides it in steps with few
   * requests.
   */
  readonly swingLag1: number;
}

/**
 * Baseline of a request rate from the steps before alone: judge.md §2.4.
 * @param floor ν that it has at least
 * @param common how the rates of all services swing
 */
export function ownRateBaseline(seen: RateBefore, floor: number, common?: CommonSwing): RateBaseline {
  const seenNu = Math.max(seen.nu, common?.swing ?? 0);
  const { n, steps, lag1 } = seen;
  const swingLag1 = Math.max(lag1, common?.lag1 ?? 0);
  return { perStep: perStepOf(seen), nu: Math.max(seenNu, floor), seenNu, n, steps, lag1, swingLag1 };
}

/** Baseline of a request rate whose ν is known from a long run. */
export const knownRateBaseline = (counts: RateCounts, nu: number): RateBaseline => ({
  perStep: perStepOf(counts),
  nu,
  seenNu: nu,
  n: counts.n,
  steps: counts.steps,
  lag1: null,
  swingLag1: 0,
});

const perStepOf = ({ n, steps }: RateCounts): number => Math.max(n, 0.5) / Math.max(steps, 1);

/**
 * How much of a step's variance was seen; the rest is what `nu` was raised by, and comes and goes
 * from step to step.
 */
const seenPart = ({ perStep, nu, seenNu }: RateBaseline): number => (1 + seenNu * perStep) / (1 + nu * perStep);

/** As `shiftInflation` of a share; only what was seen resembles its neighbours. */
export function rateShiftInflation(steps: number, baseline: RateBaseline): number {
  const { lag1, swingLag1, steps: known, seenNu, nu, perStep } = baseline;
  if (lag1 === null) return 1;
  const swingPart = (seenNu * perStep) / (1 + nu * perStep);
  const inflation = (n: number): number =>
    Math.max(partInflation(n, seenPart(baseline), lag1), partInflation(n, swingPart, swingLag1));
  return inflation(steps) + (steps / Math.max(known, 1)) * inflation(known);
}

/**
 * Independent values that the spread of a baseline rests on, for Student's t: as many as the
 * variance of its steps does, more where part of that variance was not estimated but set.
 * Satterthwaite (1946), https://doi.org/10.2307/3002019.
 */
export function rateSpreadWorth(baseline: RateBaseline): number {
  const free = Math.max(worthForVariance(baseline.steps, baseline.lag1 ?? 0) - 1, 1);
  return 1 + free / seenPart(baseline) ** 2;
}
