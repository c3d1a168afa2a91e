import { meanInflation, rankAutocorrelation } from "../../stats/autocorrelation.ts";
import { mannWhitneyDeviate } from "../../stats/mann-whitney.ts";
import { medianSpread } from "../../stats/median-spread.ts";
import { normalQuantile } from "../../stats/normal.ts";
import { medianOf } from "../../stats/quantile.ts";
import { scanScales } from "../../stats/scan-scales.ts";
import { studentToNormal } from "../../stats/student-t.ts";
import { trimmedShift } from "../../stats/trimmed-shift.ts";
import { FEWEST_NEIGHBOURS, FEWEST_STEPS } from "../input/constants.ts";
import type { Span } from "../input/windows.ts";

/** A spread below this (in ln ms) promises more than any history can keep. */
const SPREAD_FLOOR = 0.1;
/**
 * Requests a step beyond the quantile, below which a quantile is one slow request: judge.md §2.16
 * step 2.
 */
export const FEWEST_BEYOND = 3;
/** Steps before and after from which ranks can tell anything. */
const FEWEST_RANKED = { before: 8, after: 5 };

export interface QuantileDeviate {
  /** Normal-equivalent deviate; null when the test has too little to go by. */
  readonly z: number | null;
  /** Ratio after ÷ before in the strongest block. */
  readonly ratio: number;
  readonly block: Span;
  readonly before: number;
}

/**
 * Tests whether a latency quantile rose by more than `ratio` after the injection: by a trimmed
 * shift, or by ranks of the steps when too few requests lie beyond the quantile. judge.md §2.16
 * steps 2 and 4.
 * @param beyond mean requests a step beyond the quantile after the injection; NaN when unknown
 */
export function quantileDeviate(
  v: Float64Array,
  before: Span,
  after: Span,
  beyond: number,
  ratio: number,
): QuantileDeviate {
  const [x0, x1] = [logMs(v, before), logMs(v, after)];
  const { centre, spread, n } = spreadBefore(x0);
  const strongest = strongestBlock(x1, centre, spread, n, Math.log(ratio));
  const block = { from: after.from + strongest.from, to: after.from + strongest.to };
  const answer = (z: number | null) => ({ z, ratio: Math.exp(strongest.rise), block, before: Math.exp(centre) });
  if (x1.every(Number.isNaN)) return answer(null);
  if (!(beyond >= FEWEST_BEYOND)) return answer(rankedDeviate(v, before, after, ratio));
  if (n < FEWEST_STEPS) return answer(null);
  if (strongest.rise < Math.log(ratio)) return answer(Number.NEGATIVE_INFINITY);
  const scale = spread * Math.sqrt(1 + 1 / n);
  const deviates = x1.map((x) => (Number.isNaN(x) ? 0 : (x - centre - Math.log(ratio)) / scale));
  const known = [...x0].filter((x) => !Number.isNaN(x));
  const lag1 = n < FEWEST_NEIGHBOURS ? 0 : rankAutocorrelation(known);
  return answer(studentToNormal(trimmedShift(deviates) / Math.sqrt(meanInflation(x1.length, lag1)), n));
}

function strongestBlock(x: Float64Array, centre: number, spread: number, n: number, margin: number) {
  let best = { from: 0, to: x.length, rise: 0, z: Number.NEGATIVE_INFINITY };
  for (const { width, penalty } of scanScales(x.length)) {
    for (let from = 0; from + width <= x.length; from++) {
      const known = x.subarray(from, from + width).filter((y) => !Number.isNaN(y));
      if (known.length < Math.max(1, width - 1)) continue;
      const rise = known.reduce((a, b) => a + b, 0) / known.length - centre;
      const z = (rise - margin) / (spread * Math.sqrt(1 / known.length + 1 / Math.max(n, 1))) - penalty;
      if (z > best.z) best = { from, to: from + width, rise, z };
    }
  }
  return best;
}

function rankedDeviate(v: Float64Array, before: Span, after: Span, ratio: number): number | null {
  const known = (span: Span) => [...v.subarray(span.from, span.to)].filter((x) => !Number.isNaN(x));
  const a = known(before).map((x) => x * ratio);
  const b = known(after);
  if (a.length < FEWEST_RANKED.before || b.length < FEWEST_RANKED.after) return null;
  return mannWhitneyDeviate(a, b);
}

/**
 * Centre and spread of ln ms before: the spread looks at the upper tail too, because latency has
 * one (judge.md §2.16 step 2).
 */
function spreadBefore(logs: Float64Array): { centre: number; spread: number; n: number } {
  const known = logs.filter((x) => !Number.isNaN(x));
  const n = known.length;
  const centre = medianOf(known);
  const m = Math.max(n, 2);
  const expectedMaximum = Math.max(normalQuantile((m - 0.375) / (m + 0.25)), 0.5);
  const highest = known.reduce((max, x) => Math.max(max, x - centre), 0);
  return { centre, spread: Math.max(medianSpread(known, centre), highest / expectedMaximum, SPREAD_FLOOR), n };
}

function logMs(v: Float64Array, span: Span): Float64Array {
  return v.subarray(span.from, span.to).map((x) => (Number.isNaN(x) ? Number.NaN : Math.log(Math.max(x, 1e-6))));
}
