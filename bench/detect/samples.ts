import type { RawSeries } from "./format.ts";

/** Values on a grid of `before` steps up to t0 and `after` steps from it; NaN where there is no sample. */
export interface Cut {
  readonly before: number;
  readonly after: number;
  readonly t0: number;
  readonly stepS: number;
}

/**
 * Puts the samples of one series on the grid. Samples with t ≤ t0 are before, the first one after t0 is the first step after; the others
 * follow by their distance from it, so that jitter of a second moves nothing.
 * @param hidden spans `(from, to]` whose samples before t0 count as missing; @param first samples at or before it are left out
 */
export function onGrid(
  series: RawSeries,
  cut: Cut,
  hidden: readonly (readonly [number, number])[],
  first: number,
): Float64Array {
  const out = new Float64Array(cut.before + cut.after).fill(Number.NaN);
  const { t, v } = series;
  let next = 0;
  while (next < t.length && t[next]! <= cut.t0) next++;
  const anchor = next > 0 ? t[next - 1]! : cut.t0;
  const gap = Math.floor((cut.t0 - anchor) / cut.stepS);
  for (let i = next - 1; i >= 0 && t[i]! > first; i--) {
    const step = cut.before - 1 - gap - Math.round((anchor - t[i]!) / cut.stepS);
    if (step < 0) break;
    const value = v[i];
    if (hidden.some(([from, to]) => t[i]! > from && t[i]! <= to)) continue;
    if (value !== null && value !== undefined && Number.isFinite(value)) out[step] = value;
  }
  const start = t[next];
  if (start === undefined) return out;
  const late = Math.max(Math.ceil((start - cut.t0) / cut.stepS) - 1, 0);
  for (let i = next; i < t.length; i++) {
    const step = late + Math.round((t[i]! - start) / cut.stepS);
    if (step >= cut.after) break;
    const value = v[i];
    if (value !== null && value !== undefined && Number.isFinite(value)) out[cut.before + step] = value;
  }
  return out;
}

/** All samples of a long record on `steps` steps that end at `from + i·step`. */
export function onRecordGrid(series: RawSeries, fromS: number, stepS: number, steps: number): Float64Array {
  const out = new Float64Array(steps).fill(Number.NaN);
  series.t.forEach((t, i) => {
    const step = Math.round((t - fromS) / stepS) - 1;
    const value = series.v[i];
    if (step >= 0 && step < steps && value !== null && value !== undefined) out[step] = value;
  });
  return out;
}
