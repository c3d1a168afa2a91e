import { executionError } from "./errors.ts";
import { type Labels, labelsKey } from "./labels.ts";

/** Evaluation times: `startMs + i·stepMs` for `i < steps`; an instant query has one. */
export interface StepGrid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
}

/** One series on the grid; `present[i]` is 0 where it has no value (a NaN is a value). */
export interface StepSeries {
  readonly labels: Labels;
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

export type Value =
  | { readonly type: "vector"; readonly series: readonly StepSeries[] }
  | { readonly type: "scalar"; readonly values: Float64Array }
  | { readonly type: "string"; readonly value: string };

export const newSeries = (labels: Labels, steps: number): StepSeries => ({
  labels,
  values: new Float64Array(steps),
  present: new Uint8Array(steps),
});

/** Applies `f` to every value that is there. */
export function mapSeries(series: StepSeries, labels: Labels, f: (value: number) => number): StepSeries {
  const values = new Float64Array(series.values.length);
  for (let i = 0; i < values.length; i++) if (series.present[i] === 1) values[i] = f(series.values[i]!);
  return { labels, values, present: series.present };
}

/**
 * Joins series with equal labels that have values at different times.
 * @throws PromqlError execution if two have one at the same time
 */
export function mergeEqual(series: readonly StepSeries[]): readonly StepSeries[] {
  const byKey = new Map<string, StepSeries>();
  let joined = false;
  for (const one of series) {
    const key = labelsKey(one.labels);
    const other = byKey.get(key);
    if (other !== undefined) joined = true;
    byKey.set(key, other === undefined ? one : join(other, one));
  }
  return joined ? [...byKey.values()] : series;
}

function join(a: StepSeries, b: StepSeries): StepSeries {
  const sum = newSeries(a.labels, a.values.length);
  for (let i = 0; i < sum.values.length; i++) {
    if (a.present[i] === 1 && b.present[i] === 1) {
      throw executionError("vector cannot contain metrics with the same labelset");
    }
    const from = a.present[i] === 1 ? a : b;
    sum.values[i] = from.values[i]!;
    sum.present[i] = from.present[i]!;
  }
  return sum;
}

/** @throws PromqlError execution if two series have the same labels, at whatever times */
export function demandDistinct(series: readonly StepSeries[]): readonly StepSeries[] {
  if (new Set(series.map((one) => labelsKey(one.labels))).size < series.length) {
    throw executionError("vector cannot contain metrics with the same labelset");
  }
  return series;
}
