import type { SampleWindow } from "./selectors.ts";

/** A function of the samples in one window; undefined is no value. */
export type RangeFunction = (window: SampleWindow) => number | undefined;

/**
 * `rate`, `increase` and `delta` share this: the change between first and last sample, resets added
 * back, extrapolated to the window's ends unless the samples stop well before them. Prometheus
 * 2.42, promql/functions.go extrapolatedRate.
 */
function extrapolated(window: SampleWindow, isCounter: boolean, isRate: boolean): number | undefined {
  const { timesMs, values, from, to } = window;
  if (to - from < 2) return undefined;
  const first = values[from]!;
  let change = values[to - 1]! - first;
  if (isCounter) {
    let last = 0;
    for (let i = from; i < to; i++) {
      const value = values[i]!;
      if (value < last) change += last;
      last = value;
    }
  }
  const sampledSeconds = (timesMs[to - 1]! - timesMs[from]!) / 1_000;
  const meanGap = sampledSeconds / (to - 1 - from);
  let toStart = (timesMs[from]! - window.startMs) / 1_000;
  const toEnd = (window.endMs - timesMs[to - 1]!) / 1_000;
  if (isCounter && change > 0 && first >= 0) toStart = Math.min(toStart, sampledSeconds * (first / change));
  const threshold = meanGap * 1.1;
  let covered = sampledSeconds;
  covered += toStart < threshold ? toStart : meanGap / 2;
  covered += toEnd < threshold ? toEnd : meanGap / 2;
  let factor = covered / sampledSeconds;
  if (isRate) factor /= (window.endMs - window.startMs) / 1_000;
  return change * factor;
}

/** Change between the last two samples. Prometheus 2.42, instantValue. */
function instant(window: SampleWindow, isRate: boolean): number | undefined {
  const { timesMs, values, from, to } = window;
  if (to - from < 2) return undefined;
  const [before, last] = [values[to - 2]!, values[to - 1]!];
  const change = isRate && last < before ? last : last - before;
  const gapMs = timesMs[to - 1]! - timesMs[to - 2]!;
  if (gapMs === 0) return undefined;
  return isRate ? change / (gapMs / 1_000) : change;
}

function fold(window: SampleWindow, start: number, f: (sum: number, value: number) => number): number {
  let sum = start;
  for (let i = window.from; i < window.to; i++) sum = f(sum, window.values[i]!);
  return sum;
}

function pairs(window: SampleWindow, counts: (before: number, after: number) => boolean): number {
  let n = 0;
  for (let i = window.from + 1; i < window.to; i++) if (counts(window.values[i - 1]!, window.values[i]!)) n++;
  return n;
}

const larger = (a: number, b: number): number => (b > a || Number.isNaN(a) ? b : a);
const smaller = (a: number, b: number): number => (b < a || Number.isNaN(a) ? b : a);

export const RANGE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  rate: (w) => extrapolated(w, true, true),
  increase: (w) => extrapolated(w, true, false),
  delta: (w) => extrapolated(w, false, false),
  irate: (w) => instant(w, true),
  idelta: (w) => instant(w, false),
  count_over_time: (w) => w.to - w.from,
  last_over_time: (w) => w.values[w.to - 1],
  present_over_time: () => 1,
  sum_over_time: (w) => fold(w, 0, (a, b) => a + b),
  avg_over_time: (w) => fold(w, 0, (a, b) => a + b) / (w.to - w.from),
  max_over_time: (w) => fold(w, w.values[w.from]!, larger),
  min_over_time: (w) => fold(w, w.values[w.from]!, smaller),
  resets: (w) => pairs(w, (before, after) => after < before),
  changes: (w) => pairs(w, (before, after) => after !== before && !(Number.isNaN(before) && Number.isNaN(after))),
};
