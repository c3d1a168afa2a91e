import type { MatrixSelector, VectorSelector } from "./ast.ts";
import type { Labels } from "./labels.ts";
import type { SampleSeries, SampleStorage } from "./storage.ts";
import { newSeries, type StepGrid, type StepSeries } from "./values.ts";

/** How far an instant selector looks back for a sample (`--query.lookback-delta`). */
export const LOOKBACK_MS = 5 * 60_000;

const lastMs = (grid: StepGrid): number => grid.startMs + (grid.steps - 1) * grid.stepMs;

/** The newest sample at each step, at most five minutes old and not stale. `pick` says what of it becomes the value. */
export function instantVector(
  storage: SampleStorage,
  selector: VectorSelector,
  grid: StepGrid,
  pick: "value" | "time",
): StepSeries[] {
  const fromMs = grid.startMs - selector.offsetMs - LOOKBACK_MS;
  const found = storage.select(selector.matchers, fromMs, lastMs(grid) - selector.offsetMs);
  return found.map((series) => atSteps(series, selector.offsetMs, grid, pick)).filter((one) => one.present.includes(1));
}

function atSteps(series: SampleSeries, offsetMs: number, grid: StepGrid, pick: "value" | "time"): StepSeries {
  const result = newSeries(series.labels, grid.steps);
  const { timesMs, values, stale } = series;
  let next = 0;
  for (let i = 0; i < grid.steps; i++) {
    const atMs = grid.startMs + i * grid.stepMs - offsetMs;
    while (next < timesMs.length && timesMs[next]! <= atMs) next++;
    const last = next - 1;
    if (last < 0 || timesMs[last]! < atMs - LOOKBACK_MS || stale?.[last] === 1) continue;
    result.values[i] = pick === "value" ? values[last]! : timesMs[last]! / 1_000;
    result.present[i] = 1;
  }
  return result;
}

/** Samples `[from, to)` of a series without its staleness markers, and the window that they were taken from. */
export interface SampleWindow {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  from: number;
  to: number;
  startMs: number;
  endMs: number;
}

/** Calls `visit` with the closed window `[t − range, t]` of each step; an undefined answer is no value. */
export function overWindows(
  storage: SampleStorage,
  matrix: MatrixSelector,
  grid: StepGrid,
  labelsOf: (labels: Labels) => Labels,
  visit: (window: SampleWindow) => number | undefined,
): StepSeries[] {
  const { offsetMs } = matrix.selector;
  const fromMs = grid.startMs - offsetMs - matrix.rangeMs;
  const found = storage.select(matrix.selector.matchers, fromMs, lastMs(grid) - offsetMs);
  const results: StepSeries[] = [];
  for (const raw of found) {
    const { timesMs, values } = withoutStale(raw);
    const result = newSeries(labelsOf(raw.labels), grid.steps);
    const window: SampleWindow = { timesMs, values, from: 0, to: 0, startMs: 0, endMs: 0 };
    let any = false;
    for (let i = 0; i < grid.steps; i++) {
      moveTo(window, grid.startMs + i * grid.stepMs - offsetMs, matrix.rangeMs);
      if (window.to === window.from) continue;
      const value = visit(window);
      if (value === undefined) continue;
      result.values[i] = value;
      result.present[i] = 1;
      any = true;
    }
    if (any) results.push(result);
  }
  return results;
}

function moveTo(window: SampleWindow, endMs: number, rangeMs: number): void {
  const { timesMs } = window;
  window.endMs = endMs;
  window.startMs = endMs - rangeMs;
  while (window.to < timesMs.length && timesMs[window.to]! <= endMs) window.to++;
  while (window.from < window.to && timesMs[window.from]! < window.startMs) window.from++;
}

/** Range selectors never see staleness markers. */
export function withoutStale(series: SampleSeries): SampleSeries {
  const { stale } = series;
  if (stale?.includes(1) !== true) return series;
  const live = (_: number, i: number): boolean => stale[i] !== 1;
  return { ...series, timesMs: series.timesMs.filter(live), values: series.values.filter(live), stale: null };
}
