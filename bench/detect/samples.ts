import type { RawSeries } from "./format.ts";

/** A grid of `before` steps up to t0 and `after` steps from it. */
export interface Cut {
  readonly before: number;
  readonly after: number;
  readonly t0: number;
  readonly stepS: number;
}

/** First index whose time is later than `at`. */
function firstAfter(t: Float64Array, at: number): number {
  let [low, high] = [0, t.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Puts the samples of one series on the grid; NaN where there is none. Samples with t ≤ t0 are
 * before, the first one after t0 is the first step after; the others follow by their distance from
 * it, so that jitter of a second moves nothing. Of two in one step the one nearer to t0 counts.
 * @param hidden spans `(from, to]` whose samples count as missing; @param first samples at or
 * before it are left out
 */
export function onGrid(
  { t, v }: RawSeries,
  cut: Cut,
  hidden: readonly (readonly [number, number])[],
  first: number,
): Float64Array {
  const out = new Float64Array(cut.before + cut.after).fill(Number.NaN);
  const put = (step: number, i: number): void => {
    if (Number.isNaN(out[step]) && !hidden.some(([from, to]) => t[i]! > from && t[i]! <= to)) out[step] = v[i]!;
  };
  const next = firstAfter(t, cut.t0);
  const anchor = next > 0 ? t[next - 1]! : cut.t0;
  const gap = Math.floor((cut.t0 - anchor) / cut.stepS);
  for (let i = next - 1; i >= 0 && t[i]! > first; i--) {
    const step = cut.before - 1 - gap - Math.round((anchor - t[i]!) / cut.stepS);
    if (step < 0) break;
    put(step, i);
  }
  const start = t[next];
  if (start === undefined) return out;
  const late = Math.max(Math.ceil((start - cut.t0) / cut.stepS) - 1, 0);
  for (let i = next; i < t.length; i++) {
    const step = late + Math.round((t[i]! - start) / cut.stepS);
    if (step >= cut.after) break;
    put(cut.before + step, i);
  }
  return out;
}

/**
 * Puts all samples of a long record, those of step `i` at about `from + (i + 1)·step`, into `out`.
 */
export function putOnRecordGrid({ t, v }: RawSeries, fromS: number, stepS: number, out: Float64Array): void {
  for (let i = 0; i < t.length; i++) {
    const step = Math.round((t[i]! - fromS) / stepS) - 1;
    if (step >= 0 && step < out.length && Number.isNaN(out[step])) out[step] = v[i]!;
  }
}
