import { DAY_MS } from "../../model/units.ts";
import { type Scale, scanScales } from "../../stats/scan-scales.ts";
import { signedRootPoisson } from "../../stats/signed-root.ts";
import { trimmedShift } from "../../stats/trimmed-shift.ts";
import { fresh, type Take } from "../input/arena.ts";
import { isCount } from "../input/masked.ts";
import type { Requests } from "../input/records.ts";
import type { Scores, Shape } from "../input/shape.ts";
import { between, runningCount, runningSum } from "./sums.ts";

/** Steps of the trailing mean against which a rate's swings are measured: judge.md §2.4. */
const TRAILING_STEPS = 30;
/** Days back that are asked how the rate changes at this time of day, and how many must answer. */
const SEASON_DAYS = 7;
const FEWEST_DAYS = 3;
/**
 * Days of history from which the time of day is asked: half of the placebos must be able to ask it
 * too, or the null is narrower than the test.
 */
const SEASON_FROM_DAYS = 2 * FEWEST_DAYS;
/** Requests by which the seasonal change is held back: judge.md §2.4. */
const SEASON_SHRINKAGE = 50;

/** Squared relative swing ν of a rate around its own trailing mean, in [0, 1]. */
export function swingOfRate(n: Float64Array, take: Take = fresh): number {
  const sums = runningSum(n, take);
  const known = runningCount(n, Number.NEGATIVE_INFINITY, take);
  let excess = 0;
  let squares = 0;
  for (let i = TRAILING_STEPS; i < n.length; i++) {
    if (Number.isNaN(n[i]!) || between(known, i - TRAILING_STEPS, i) < TRAILING_STEPS) continue;
    const mean = between(sums, i - TRAILING_STEPS, i) / TRAILING_STEPS;
    excess += (n[i]! - mean) ** 2 - mean * (1 + 1 / TRAILING_STEPS);
    squares += mean * mean;
  }
  return Math.min(Math.max(excess / Math.max(squares, 1e-9), 0), 1);
}

/** Requests expected in a step after t0. */
export interface Expected {
  readonly perStep: number;
  /** Requests in the window before, on which it rests. */
  readonly n0: number;
}

/** Requests in the known steps of a stretch. */
export interface KnownRequests {
  readonly sum: number;
  readonly steps: number;
}

/** Known requests in steps `[from, to)`. */
export function knownRequests({ n, valid }: Requests, from: number, to: number): KnownRequests {
  let [sum, steps] = [0, 0];
  for (let i = from; i < to; i++) {
    if (valid[i] === 0 || !isCount(n[i]!)) continue;
    sum += n[i]!;
    steps++;
  }
  return { sum, steps };
}

/**
 * ln of how the rate changes from a window before to an early window after at this time of day: the
 * median over the last seven days, at least three, held back where requests are few (judge.md
 * §2.4); 0 with less than six days of history. `t0` may lie beyond the end of the series.
 * @param n0 requests in the window before
 */
export function seasonalChange(past: Requests, t0: number, n0: number, shape: Shape, stepMs: number): number {
  const day = Math.round(DAY_MS / stepMs);
  if (past.n.length < SEASON_FROM_DAYS * day) return 0;
  const logs: number[] = [];
  for (let k = 1; k <= SEASON_DAYS; k++) {
    const at = t0 - k * day;
    if (at - shape.before < 0 || at + shape.early > past.n.length) continue;
    const before = knownRequests(past, at - shape.before, at);
    const after = knownRequests(past, at, at + shape.early);
    if (before.steps < shape.before / 2 || after.steps < shape.early / 2) continue;
    logs.push(Math.log(((after.sum + 1) / after.steps / (before.sum + 1)) * before.steps));
  }
  if (logs.length < FEWEST_DAYS) return 0;
  logs.sort((a, b) => a - b);
  const median = (logs[(logs.length - 1) >> 1]! + logs[logs.length >> 1]!) / 2;
  return (median * n0) / (n0 + SEASON_SHRINKAGE);
}

/** What the window before promises; `season` as `seasonalChange` has it. */
export const expectedRate = (before: KnownRequests, season: number): Expected => ({
  perStep: (Math.max(before.sum, 0.5) / Math.max(before.steps, 1)) * Math.exp(season),
  n0: Math.max(before.sum, 1),
});

/** A request rate's series, summed up. */
export interface RateSums {
  readonly shape: Shape;
  readonly n: Float64Array;
  readonly nu: number;
  readonly sums: Float64Array;
  readonly scales: readonly Scale[];
  /** Room for what is expected of each step, and for its deviate, used again and again. */
  readonly room: { readonly mus: Float64Array; readonly early: Float64Array; readonly late: Float64Array };
}

export const rateSums = (n: Float64Array, nu: number, shape: Shape, take: Take = fresh): RateSums => ({
  shape,
  n,
  nu,
  sums: runningSum(n, take),
  scales: scanScales(shape.early),
  room: { mus: take(shape.early + 1), early: take(shape.early), late: take(shape.late) },
});

/**
 * Scores of a falling request rate at step `t0` of its series: the T of judge.md §2.4 and §2.5. No
 * function is made for one series, as in `shareScoresAt`.
 * @param common by what every step of the early window, then of the late one, is multiplied
 * (judge.md §2.7); null when by nothing
 */
export function rateScoresAt(rate: RateSums, t0: number, expected: Expected, common: ArrayLike<number> | null): Scores {
  return {
    scan: scanAt(rate, t0, expected, common),
    shift: shiftAt(rate, t0, "early", expected, common),
    late: rate.shape.late > 0 ? shiftAt(rate, t0, "late", expected, common) : Number.NaN,
  };
}

const fewer = (m: number, mu: number, nu: number, n0: number): number =>
  -signedRootPoisson(m, mu) / Math.sqrt(1 + nu * mu + mu / n0);

/**
 * Requests expected in a step whose place in the windows is `offset`; 0 where they are not known.
 */
const muOf = (n: number, perStep: number, common: ArrayLike<number> | null, offset: number): number =>
  Number.isNaN(n) ? 0 : perStep * (common === null ? 1 : common[offset]!);

function scanAt(
  { shape, n, nu, sums, scales, room }: RateSums,
  t0: number,
  { perStep, n0 }: Expected,
  common: ArrayLike<number> | null,
) {
  const { mus } = room;
  mus[0] = 0;
  for (let i = 0; i < shape.early; i++) mus[i + 1] = mus[i]! + muOf(n[t0 + i]!, perStep, common, i);
  let scan = Number.NEGATIVE_INFINITY;
  for (const { width, penalty } of scales) {
    for (let from = 0; from + width <= shape.early; from++) {
      const mu = mus[from + width]! - mus[from]!;
      const m = between(sums, t0 + from, t0 + from + width);
      if (!(mu > 0) || (m >= mu && scan >= -penalty)) continue;
      const z = fewer(m, mu, nu, n0) - penalty;
      if (z > scan) scan = z;
    }
  }
  return scan;
}

function shiftAt(
  { shape, n, nu, room }: RateSums,
  t0: number,
  part: "early" | "late",
  { perStep, n0 }: Expected,
  common: ArrayLike<number> | null,
): number {
  const roots = room[part];
  const [start, offset] = part === "early" ? [t0, 0] : [t0 + shape.lateFrom, shape.early];
  for (let i = 0; i < roots.length; i++) {
    const mu = muOf(n[start + i]!, perStep, common, offset + i);
    roots[i] = mu > 0 ? fewer(n[start + i]!, mu, nu, n0) : 0;
  }
  return trimmedShift(roots);
}
