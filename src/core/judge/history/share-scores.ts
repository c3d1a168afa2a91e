import { scanBlocks } from "../../stats/scan-blocks.ts";
import { trimmedShift } from "../../stats/trimmed-shift.ts";
import { fresh, type Take } from "../arena.ts";
import { SHRINKAGE_REQUESTS } from "../constants.ts";
import type { LongRun, ShareSeries } from "../share-deviate.ts";
import type { Scores, Shape } from "./shape.ts";
import { between, runningCount, runningSum } from "./sums.ts";

/** Half the width of the running share against which swings inside a step are measured: 12 hours of one-minute steps (judge.md §2.2). */
const RUNNING_STEPS = 720;

const clamp = (p: number): number => Math.min(Math.max(p, 1e-7), 1 - 1e-7);

/** Long-run share and intra-step correlation of a history, the latter against a running share, so that slow change is not taken for swing. */
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
 * Each step's effective counts and k ln(k/m) + (m−k) ln((m−k)/m): the part of its deviance that does not depend on the baseline, so that a
 * step is paid for once however many windows it lies in. Unknown steps are all zero.
 */
function stepTerms(series: ShareSeries, worth: (m: number) => number, take: Take) {
  const length = series.n.length;
  const [k, rest, entropy] = [take(length), take(length), take(length)];
  for (let i = 0; i < length; i++) {
    const m = series.n[i]!;
    if (!(m > 0)) continue;
    const w = worth(m);
    const x = (series.k[i]! * w) / m;
    const y = w - x;
    k[i] = x;
    rest[i] = y;
    entropy[i] = (x > 0 ? x * Math.log(x / w) : 0) + (x > 0 && y > 0 ? y * Math.log(y / w) : 0);
  }
  return { k, rest, entropy };
}

/** Scores of a share at any step of a series, by running sums: the T of judge.md §2.5. */
export function shareScorer(
  series: ShareSeries,
  longRun: LongRun,
  shape: Shape,
  take: Take = fresh,
): (t0: number) => Scores {
  const k = runningSum(series.k, take);
  const n = runningSum(series.n, take);
  const busy = runningCount(series.n, 0, take);
  const { share: longShare, rho } = longRun;
  const worth = (m: number, steps: number): number => m / (1 + Math.max(m / steps - 1, 0) * rho);
  const perStep = new Float64Array(shape.early);
  const perLateStep = new Float64Array(shape.late);
  const steps = stepTerms(series, (m) => worth(m, 1), take);
  return (t0) => {
    const from = t0 - shape.before;
    const n0 = between(n, from, t0);
    const own = n0 > 0 ? worth(n0, Math.max(between(busy, from, t0), 1)) : 0;
    const weight = own + SHRINKAGE_REQUESTS;
    const p = clamp(((n0 > 0 ? (between(k, from, t0) * own) / n0 : 0) + SHRINKAGE_REQUESTS * longShare) / weight);
    const logP = Math.log(p);
    const logQ = Math.log1p(-p);
    const sd = Math.sqrt(p * (1 - p));
    const root = (x: number, m: number): number => {
      if (!(m > 0)) return 0;
      const y = m - x;
      const a = x > 0 ? x * (Math.log(x / m) - logP) : 0;
      const b = y > 0 ? (x > 0 ? y * (Math.log(y / m) - logQ) : -y * logQ) : 0;
      const value = Math.sqrt(Math.max(2 * (a + b), 0));
      return x > m * p ? value : -value;
    };
    const shift = (out: Float64Array, start: number): number => {
      for (let i = 0; i < out.length; i++) {
        const x = steps.k[start + i]!;
        const y = steps.rest[start + i]!;
        const value = Math.sqrt(Math.max(2 * (steps.entropy[start + i]! - x * logP - y * logQ), 0));
        out[i] = x > (x + y) * p ? value : -value;
      }
      return trimmedShift(out);
    };
    let scan = Number.NEGATIVE_INFINITY;
    for (const block of scanBlocks(shape.early)) {
      const start = t0 + block.from;
      const x = between(k, start, start + block.width);
      const m = between(n, start, start + block.width);
      // A block at or below its expectation scores at most −penalty: nothing to compute when that was already beaten.
      if (x <= m * p && scan >= -block.penalty) continue;
      const w = m > 0 ? worth(m, block.width) : 0;
      const both = w > 0 ? (w * weight) / (w + weight) : 0;
      // Pearson's deviate bounds the root from above where p ≤ ¼: most blocks are ruled out without a logarithm.
      const pearson = both > 0 ? ((x / m - p) * Math.sqrt(both)) / sd : 0;
      if (p <= 0.25 && pearson - block.penalty <= scan) continue;
      const z = (both > 0 ? root((x * both) / m, both) : 0) - block.penalty;
      if (z > scan) scan = z;
    }
    return {
      scan,
      shift: shift(perStep, t0),
      late: shape.late > 0 ? shift(perLateStep, t0 + shape.lateFrom) : Number.NaN,
    };
  };
}
