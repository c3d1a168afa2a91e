import { type Scale, scanScales } from "../../stats/scan-scales.ts";
import { trimmedShift } from "../../stats/trimmed-shift.ts";
import { fresh, type Take } from "../input/arena.ts";
import { SHRINKAGE_REQUESTS } from "../input/constants.ts";
import type { LongRun } from "../input/known.ts";
import type { Scores, Shape } from "../input/shape.ts";
import type { ShareSeries } from "../input/track.ts";
import { between, runningCount, runningSum } from "./sums.ts";

/**
 * Half the width of the running share against which swings inside a step are measured: 12 hours of
 * one-minute steps (judge.md §2.2).
 */
const RUNNING_STEPS = 720;

const clamp = (p: number): number => Math.min(Math.max(p, 1e-7), 1 - 1e-7);

/**
 * Long-run share and intra-step correlation of a history, the latter against a running share, so
 * that slow change is not taken for swing.
 */
export function longRunOf(series: ShareSeries, take: Take = fresh): LongRun {
  const [k, n] = [runningSum(series.k, take), runningSum(series.n, take)];
  const steps = series.n.length;
  const share = clamp((k[steps]! + 0.5) / (n[steps]! + 1));
  let excess = 0;
  let pairs = 0;
  for (let i = 0; i < steps; i++) {
    const m = series.n[i]!;
    if (!(m >= 1)) continue;
    const [from, to] = [Math.max(i - RUNNING_STEPS, 0), Math.min(i + RUNNING_STEPS, steps)];
    const p = clamp((between(k, from, to) + 1e-3) / (between(n, from, to) + 1));
    excess += (series.k[i]! - m * p) ** 2 / (p * (1 - p)) - m;
    pairs += m * (m - 1);
  }
  const rho = Math.min(Math.max(excess / Math.max(pairs, 1), 0), 0.5);
  return { share, rho, k: k[steps]!, n: n[steps]! };
}

/**
 * Each step's effective counts and k ln(k/m) + (m−k) ln((m−k)/m): the part of its deviance that
 * does not depend on the baseline, so that a step is paid for once however many windows it lies in.
 * Unknown steps are all zero.
 */
function stepTerms(series: ShareSeries, rho: number, take: Take) {
  const length = series.n.length;
  const [k, rest, entropy] = [take(length), take(length), take(length)];
  for (let i = 0; i < length; i++) {
    const m = series.n[i]!;
    if (!(m > 0)) continue;
    const w = worthOf(m, 1, rho);
    const x = (series.k[i]! * w) / m;
    const y = w - x;
    k[i] = x;
    rest[i] = y;
    entropy[i] = (x > 0 ? x * Math.log(x / w) : 0) + (x > 0 && y > 0 ? y * Math.log(y / w) : 0);
  }
  return { k, rest, entropy };
}

/**
 * A share's series, summed up so that its scores at any step cost no more than a few steps' work.
 */
export interface ShareSums {
  readonly shape: Shape;
  readonly longRun: LongRun;
  readonly k: Float64Array;
  readonly n: Float64Array;
  /** Steps with requests. */
  readonly busy: Float64Array;
  readonly steps: ReturnType<typeof stepTerms>;
  readonly scales: readonly Scale[];
  /** Room for the deviates of a window's steps, used again and again. */
  readonly room: { readonly early: Float64Array; readonly late: Float64Array };
}

/** Requests of `steps` steps, discounted by how much they swing together. */
const worthOf = (m: number, steps: number, rho: number): number => m / (1 + Math.max(m / steps - 1, 0) * rho);

export function shareSums(series: ShareSeries, longRun: LongRun, shape: Shape, take: Take = fresh): ShareSums {
  const { rho } = longRun;
  return {
    shape,
    longRun,
    k: runningSum(series.k, take),
    n: runningSum(series.n, take),
    busy: runningCount(series.n, 0, take),
    steps: stepTerms(series, rho, take),
    scales: scanScales(shape.early),
    room: { early: take(shape.early), late: take(shape.late) },
  };
}

/** What is expected after t0, and what that expectation is worth. */
interface Expected {
  readonly p: number;
  readonly logP: number;
  readonly logQ: number;
  readonly weight: number;
}

function expectedAt({ shape, longRun, k, n, busy }: ShareSums, t0: number): Expected {
  const from = t0 - shape.before;
  const n0 = between(n, from, t0);
  const own = n0 > 0 ? worthOf(n0, Math.max(between(busy, from, t0), 1), longRun.rho) : 0;
  const weight = own + SHRINKAGE_REQUESTS;
  const seen = n0 > 0 ? (between(k, from, t0) * own) / n0 : 0;
  const p = clamp((seen + SHRINKAGE_REQUESTS * longRun.share) / weight);
  return { p, logP: Math.log(p), logQ: Math.log1p(-p), weight };
}

/**
 * Scores of a share at step `t0` of its series: the T of judge.md §2.5. Here and in what it calls
 * nothing is a function made for one series: a week of hundreds of services asks a million times,
 * and what is made anew is compiled anew.
 */
export function shareScoresAt(sums: ShareSums, t0: number): Scores {
  const { shape, steps, room } = sums;
  const expected = expectedAt(sums, t0);
  return {
    scan: scanAt(sums, t0, expected),
    shift: shiftAt(steps, t0, room.early, expected),
    late: shape.late > 0 ? shiftAt(steps, t0 + shape.lateFrom, room.late, expected) : Number.NaN,
  };
}

function scanAt({ shape, longRun, k, n, scales }: ShareSums, t0: number, { p, logP, logQ, weight }: Expected): number {
  const sd = Math.sqrt(p * (1 - p));
  let scan = Number.NEGATIVE_INFINITY;
  for (const { width, penalty } of scales) {
    for (let start = t0; start + width <= t0 + shape.early; start++) {
      const x = between(k, start, start + width);
      const m = between(n, start, start + width);
      // A block at or below its expectation scores at most −penalty: nothing to compute when that
      // was already beaten.
      if (x <= m * p && scan >= -penalty) continue;
      const w = m > 0 ? worthOf(m, width, longRun.rho) : 0;
      const both = w > 0 ? (w * weight) / (w + weight) : 0;
      // Pearson's deviate bounds the root from above where p ≤ ¼: most blocks are ruled out without
      // a logarithm.
      const pearson = both > 0 ? ((x / m - p) * Math.sqrt(both)) / sd : 0;
      if (p <= 0.25 && pearson - penalty <= scan) continue;
      const z = (both > 0 ? root((x * both) / m, both, p, logP, logQ) : 0) - penalty;
      if (z > scan) scan = z;
    }
  }
  return scan;
}

/** Signed root of the deviance of `x` of `m` against p. */
function root(x: number, m: number, p: number, logP: number, logQ: number): number {
  const y = m - x;
  const a = x > 0 ? x * (Math.log(x / m) - logP) : 0;
  const b = y > 0 ? (x > 0 ? y * (Math.log(y / m) - logQ) : -y * logQ) : 0;
  const value = Math.sqrt(Math.max(2 * (a + b), 0));
  return x > m * p ? value : -value;
}

/** @param roots room for the deviates of as many steps as it is long */
function shiftAt(steps: ShareSums["steps"], start: number, roots: Float64Array, { p, logP, logQ }: Expected): number {
  for (let i = 0; i < roots.length; i++) {
    const x = steps.k[start + i]!;
    const y = steps.rest[start + i]!;
    const value = Math.sqrt(Math.max(2 * (steps.entropy[start + i]! - x * logP - y * logQ), 0));
    roots[i] = x > (x + y) * p ? value : -value;
  }
  return trimmedShift(roots);
}
