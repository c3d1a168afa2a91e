import {
  meanInflation,
  partInflation,
  rankAutocorrelation,
  unbiasedLag1,
  varianceLeft,
  worthForVariance,
} from "../../stats/autocorrelation.ts";
import { relativeVariance } from "../../stats/overdispersion.ts";
import { scanBlocks } from "../../stats/scan-blocks.ts";
import { signedRootPoisson } from "../../stats/signed-root.ts";
import { trimmedShift } from "../../stats/trimmed-shift.ts";
import { FEWEST_NEIGHBOURS } from "../input/constants.ts";
import type { Span } from "../input/windows.ts";
import type { CommonSwing } from "./common-swing.ts";

/** Beyond this a swing says nothing any more. */
const MOST_SWING = 4;

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

export interface RateDeviate {
  readonly scan: number;
  readonly shift: number;
  readonly block: Span;
  /** Requests counted and expected in the block. */
  readonly n: number;
  readonly expected: number;
}

/**
 * Baseline of a request rate from the known steps before: judge.md §2.4; ν from the same steps, at
 * least `floor` and what is `common`, unless `nu` is known.
 */
export function rateBaseline(
  n: Float64Array,
  before: Span,
  floor: number,
  nu?: number,
  common?: CommonSwing,
): RateBaseline {
  const seen = nu === undefined ? seenBefore(n, before) : countsOf(n, before);
  const perStep = Math.max(seen.n, 0.5) / Math.max(seen.steps, 1);
  const seenNu = nu ?? Math.max(seen.nu, common?.swing ?? 0);
  return {
    perStep,
    nu: nu ?? Math.max(seenNu, floor),
    seenNu,
    n: seen.n,
    steps: seen.steps,
    lag1: seen.lag1,
    swingLag1: Math.max(seen.lag1 ?? 0, common?.lag1 ?? 0),
  };
}

interface Before {
  readonly n: number;
  readonly squares: number;
  /** Known steps. */
  readonly steps: number;
  readonly nu: number;
  readonly lag1: number | null;
}

function countsOf(counts: Float64Array, before: Span): Before {
  let [n, squares, steps] = [0, 0, 0];
  for (let i = before.from; i < before.to; i++) {
    const x = counts[i]!;
    if (Number.isNaN(x)) continue;
    n += x;
    squares += x * x;
    steps++;
  }
  return { n, squares, steps, nu: 0, lag1: null };
}

/**
 * What the last question about some counts was told, as of the shares: they are never written to.
 */
const TOLD = new WeakMap<Float64Array, { readonly before: Span; readonly seen: Before }>();

function seenBefore(n: Float64Array, before: Span): Before {
  const told = TOLD.get(n);
  if (told !== undefined && told.before.from === before.from && told.before.to === before.to) return told.seen;
  const counts = countsOf(n, before);
  const lag1 = lagOfCounts(n, before);
  const seen = { ...counts, lag1, nu: swingOf(counts.n, counts.squares, counts.steps, lag1) };
  TOLD.set(n, { before, seen });
  return seen;
}

/**
 * ν of the steps before around their own mean, mended for what that mean took along of slow swings.
 */
function swingOf(sum: number, squares: number, steps: number, lag1: number): number {
  if (steps < 2) return 0;
  const independent = varianceLeft(steps, 0);
  return Math.min((relativeVariance(sum, squares, steps, 0) * independent) / varianceLeft(steps, lag1), MOST_SWING);
}

function lagOfCounts(n: Float64Array, before: Span): number {
  const known = n.subarray(before.from, before.to).filter((x) => !Number.isNaN(x));
  return known.length < FEWEST_NEIGHBOURS ? 0 : unbiasedLag1(rankAutocorrelation(known), known.length);
}

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

/** How far `m` requests in `width` steps lie below `mu`, in deviates; positive is fewer. */
function fewer(m: number, mu: number, baseline: RateBaseline, width = 1): number {
  const nu = baseline.nu * meanInflation(width, baseline.lag1 ?? 0);
  return -signedRootPoisson(m, mu) / Math.sqrt(1 + nu * mu + mu / Math.max(baseline.n, 1));
}

/**
 * Scan and shift of a fall of the request rate after (judge.md §2.4). Masked steps count for
 * neither side.
 */
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
