import {
  meanInflation,
  rankAutocorrelation,
  unbiasedLag1,
  varianceLeft,
  worthForVariance,
} from "../stats/autocorrelation.ts";
import { relativeVariance } from "../stats/overdispersion.ts";
import { scanBlocks } from "../stats/scan-blocks.ts";
import { signedRootPoisson } from "../stats/signed-root.ts";
import { trimmedShift } from "../stats/trimmed-shift.ts";
import { FEWEST_NEIGHBOURS } from "./constants.ts";
import type { Span } from "./windows.ts";

/** Beyond this a swing says nothing any more. */
const MOST_SWING = 4;

export interface RateBaseline {
  /** Requests expected a step. */
  readonly perStep: number;
  /** Squared relative swing of a step beyond Poisson. */
  readonly nu: number;
  /** ν as it was seen, where `nu` is held to be at least something. */
  readonly seenNu: number;
  readonly n: number;
  readonly steps: number;
  /** How much a step resembles the one before; null where ν is known from a long run, whose placebos swing as slowly. */
  readonly lag1: number | null;
}

export interface RateDeviate {
  readonly scan: number;
  readonly shift: number;
  readonly block: Span;
  /** Requests counted and expected in the block. */
  readonly n: number;
  readonly expected: number;
}

/** Baseline of a request rate from the known steps before: judge.md §2.4; ν from the same steps, at least `floor`, unless `nu` is known. */
export function rateBaseline(n: Float64Array, before: Span, floor: number, nu?: number): RateBaseline {
  let [sum, squares, steps] = [0, 0, 0];
  for (let i = before.from; i < before.to; i++) {
    const x = n[i]!;
    if (Number.isNaN(x)) continue;
    sum += x;
    squares += x * x;
    steps++;
  }
  const lag1 = nu === undefined ? lagOfCounts(n, before) : null;
  const seenNu = nu ?? swingOf(sum, squares, steps, lag1 ?? 0);
  return {
    perStep: Math.max(sum, 0.5) / Math.max(steps, 1),
    nu: nu ?? Math.max(seenNu, floor),
    seenNu,
    n: sum,
    steps,
    lag1,
  };
}

/** ν of the steps before around their own mean, mended for what that mean took along of slow swings. */
function swingOf(sum: number, squares: number, steps: number, lag1: number): number {
  if (steps < 2) return 0;
  const independent = varianceLeft(steps, 0);
  return Math.min((relativeVariance(sum, squares, steps, 0) * independent) / varianceLeft(steps, lag1), MOST_SWING);
}

function lagOfCounts(n: Float64Array, before: Span): number {
  const known = [...n.subarray(before.from, before.to)].filter((x) => !Number.isNaN(x));
  return known.length < FEWEST_NEIGHBOURS ? 0 : unbiasedLag1(rankAutocorrelation(known), known.length);
}

/** How much of a step's variance was seen; the rest is what `nu` was raised by, and comes and goes from step to step. */
const seenPart = ({ perStep, nu, seenNu }: RateBaseline): number => (1 + seenNu * perStep) / (1 + nu * perStep);

/** As `shiftInflation` of a share; only what was seen resembles its neighbours. */
export function rateShiftInflation(steps: number, baseline: RateBaseline): number {
  const { lag1, steps: known } = baseline;
  if (lag1 === null) return 1;
  const inflation = (n: number): number => 1 + (meanInflation(n, lag1) - 1) * seenPart(baseline);
  return inflation(steps) + (steps / Math.max(known, 1)) * inflation(known);
}

/**
 * Independent values that the spread of a baseline rests on, for Student's t: as many as the variance of its steps does, more where part of that variance
 * was not estimated but set.
 * Satterthwaite (1946), https://doi.org/10.2307/3002019.
 */
export function rateSpreadWorth(baseline: RateBaseline): number {
  const free = Math.max(worthForVariance(baseline.steps, baseline.lag1 ?? 0) - 1, 1);
  return 1 + free / seenPart(baseline) ** 2;
}

/** How far `m` requests in `width` steps lie below `mu`, in deviates; positive is fewer. */
function fewer(m: number, mu: number, baseline: RateBaseline, width = 1): number {
  const nu = baseline.nu * meanInflation(width, baseline.lag1 ?? 0);
  return -signedRootPoisson(m, mu) / Math.sqrt(1 + nu * mu + mu / Math.max(baseline.n, 1));
}

/** Scan and shift of a fall of the request rate after (judge.md §2.4). Masked steps count for neither side. */
export function rateDeviate(n: Float64Array, after: Span, baseline: RateBaseline): RateDeviate {
  const steps = after.to - after.from;
  const ns = new Float64Array(steps + 1);
  const known = new Float64Array(steps + 1);
  const perStep = new Float64Array(steps);
  for (let i = 0; i < steps; i++) {
    const m = n[after.from + i]!;
    const seen = !Number.isNaN(m);
    ns[i + 1] = ns[i]! + (seen ? m : 0);
    known[i + 1] = known[i]! + (seen ? 1 : 0);
    perStep[i] = seen ? fewer(m, baseline.perStep, baseline) : 0;
  }
  let scan = Number.NEGATIVE_INFINITY;
  let best = { from: 0, to: steps, mu: 0 };
  for (const block of scanBlocks(steps)) {
    const to = block.from + block.width;
    const mu = baseline.perStep * (known[to]! - known[block.from]!);
    if (mu === 0) continue;
    const z = fewer(ns[to]! - ns[block.from]!, mu, baseline, block.width) - block.penalty;
    if (z > scan) {
      scan = z;
      best = { from: block.from, to, mu };
    }
  }
  return {
    scan,
    shift: trimmedShift(perStep) / Math.sqrt(rateShiftInflation(steps, baseline)),
    block: { from: after.from + best.from, to: after.from + best.to },
    n: ns[best.to]! - ns[best.from]!,
    expected: best.mu,
  };
}
