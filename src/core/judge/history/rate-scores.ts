import type { Counts } from "../../model/series.ts";
import { DAY_MS } from "../../model/units.ts";
import { scanBlocks } from "../../stats/scan-blocks.ts";
import { signedRootPoisson } from "../../stats/signed-root.ts";
import { trimmedShift } from "../../stats/trimmed-shift.ts";
import type { Scores, Shape } from "./shape.ts";
import { between, runningCount, runningSum } from "./sums.ts";

/** Steps of the trailing mean against which a rate's swings are measured: judge.md §2.4. */
const TRAILING_STEPS = 30;
/** Days back that are asked how the rate changes at this time of day, and how many must answer. */
const SEASON_DAYS = 7;
const FEWEST_DAYS = 3;
/** Requests by which the seasonal change is held back: judge.md §2.4. */
const SEASON_SHRINKAGE = 50;

/** Squared relative swing ν of a rate around its own trailing mean, in [0, 1]. */
export function swingOfRate(n: Float64Array): number {
  const sums = runningSum(n);
  const known = runningCount(n);
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

/**
 * ln of how the rate changes from a window before to an early window after at this time of day: the median over the last seven days, at least three,
 * held back where requests are few (judge.md §2.4). `t0` may lie beyond the end of the series.
 * @param n0 requests in the window before
 */
export function seasonalChange(
  n: Counts,
  valid: Uint8Array,
  t0: number,
  n0: number,
  shape: Shape,
  stepMs: number,
): number {
  const day = Math.round(DAY_MS / stepMs);
  const logs: number[] = [];
  for (let k = 1; k <= SEASON_DAYS; k++) {
    const at = t0 - k * day;
    if (at - shape.before < 0 || at + shape.early > n.length) continue;
    const before = meanKnown(n, valid, at - shape.before, at);
    const after = meanKnown(n, valid, at, at + shape.early);
    if (before.known < shape.before / 2 || after.known < shape.early / 2) continue;
    logs.push(Math.log((after.sum + 1) / after.known) - Math.log((before.sum + 1) / before.known));
  }
  if (logs.length < FEWEST_DAYS) return 0;
  logs.sort((a, b) => a - b);
  const median = (logs[(logs.length - 1) >> 1]! + logs[logs.length >> 1]!) / 2;
  return (median * n0) / (n0 + SEASON_SHRINKAGE);
}

function meanKnown(n: Counts, valid: Uint8Array, from: number, to: number): { sum: number; known: number } {
  let [sum, known] = [0, 0];
  for (let i = from; i < to; i++) {
    if (valid[i] === 0 || Number.isNaN(n[i]!)) continue;
    sum += n[i]!;
    known++;
  }
  return { sum, known };
}

/**
 * Scores of a falling request rate at any step of a series: the T of judge.md §2.4 and §2.5.
 * @param season ln of the change that the time of day explains, given t0 and the requests before
 */
export function rateScorer(
  n: Float64Array,
  nu: number,
  shape: Shape,
  season: (t0: number, n0: number) => number,
): (t0: number) => Scores {
  const sums = runningSum(n);
  const known = runningCount(n);
  const perStep = new Float64Array(shape.early);
  const perLateStep = new Float64Array(shape.late);
  return (t0) => {
    const steps = between(known, t0 - shape.before, t0);
    const before = between(sums, t0 - shape.before, t0);
    const mu1 = (Math.max(before, 0.5) / Math.max(steps, 1)) * Math.exp(season(t0, before));
    const n0 = Math.max(before, 1);
    const fewer = (m: number, mu: number): number => -signedRootPoisson(m, mu) / Math.sqrt(1 + nu * mu + mu / n0);
    const shift = (out: Float64Array, start: number): number => {
      for (let i = 0; i < out.length; i++) {
        const seen = between(known, start + i, start + i + 1) > 0;
        out[i] = seen ? fewer(between(sums, start + i, start + i + 1), mu1) : 0;
      }
      return trimmedShift(out);
    };
    let scan = Number.NEGATIVE_INFINITY;
    for (const block of scanBlocks(shape.early)) {
      const [from, to] = [t0 + block.from, t0 + block.from + block.width];
      const mu = mu1 * between(known, from, to);
      const m = between(sums, from, to);
      if (mu === 0 || (m >= mu && scan >= -block.penalty)) continue;
      scan = Math.max(scan, fewer(m, mu) - block.penalty);
    }
    return {
      scan,
      shift: shift(perStep, t0),
      late: shape.late > 0 ? shift(perLateStep, t0 + shape.lateFrom) : Number.NaN,
    };
  };
}
