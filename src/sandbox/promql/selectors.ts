import type { MatrixSelector, VectorSelector } from "./ast.ts";
import { type Labels, labelsKey } from "./labels.ts";
import type { SampleSeries, SampleStorage } from "./storage.ts";
import { newSeries, type StepGrid, type StepSeries } from "./values.ts";

/** How far an instant selector looks back for a sample (`--query.lookback-delta`). */
export const LOOKBACK_MS = 5 * 60_000;

/**
 * Samples that the windows `[t − backMs, t]` of all steps contain. Windows far apart are read one
 * by one.
 */
function select(
  storage: SampleStorage,
  selector: VectorSelector,
  grid: StepGrid,
  backMs: number,
): Iterable<SampleSeries> {
  const firstMs = grid.startMs - selector.offsetMs;
  const lastMs = firstMs + (grid.steps - 1) * grid.stepMs;
  if (grid.stepMs <= 2 * backMs) return storage.select(selector.matchers, firstMs - backMs, lastMs);
  const parts = new Map<string, SampleSeries[]>();
  for (let atMs = firstMs; atMs <= lastMs; atMs += grid.stepMs) {
    for (const series of storage.select(selector.matchers, atMs - backMs, atMs)) {
      const key = labelsKey(series.labels);
      const known = parts.get(key);
      if (known === undefined) parts.set(key, [series]);
      else known.push(series);
    }
  }
  return [...parts.values()].map(concatenated);
}

function concatenated(parts: readonly SampleSeries[]): SampleSeries {
  const join = (of: (part: SampleSeries) => ArrayLike<number>): number[] =>
    parts.flatMap((part) => Array.from(of(part)));
  return {
    labels: parts[0]!.labels,
    timesMs: Float64Array.from(join(({ timesMs }) => timesMs)),
    values: Float64Array.from(join(({ values }) => values)),
    stale: Uint8Array.from(join(({ stale, timesMs }) => stale ?? new Uint8Array(timesMs.length))),
  };
}

/**
 * The newest sample at each step, at most five minutes old and not stale. `pick` says what of it
 * becomes the value.
 */
export function instantVector(
  storage: SampleStorage,
  selector: VectorSelector,
  grid: StepGrid,
  pick: "value" | "time",
): StepSeries[] {
  const found = select(storage, selector, grid, LOOKBACK_MS);
  const results: StepSeries[] = [];
  for (const series of found) {
    const result = atSteps(series, selector.offsetMs, grid, pick);
    if (result.present.includes(1)) results.push(result);
  }
  return results;
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

/**
 * Samples `[from, to)` of a series without its staleness markers, and the window that they were
 * taken from.
 */
export interface SampleWindow {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  from: number;
  to: number;
  startMs: number;
  endMs: number;
}

/**
 * Calls `visit` with the closed window `[t − range, t]` of each step; an undefined answer is no
 * value.
 */
export function overWindows(
  storage: SampleStorage,
  matrix: MatrixSelector,
  grid: StepGrid,
  labelsOf: (labels: Labels) => Labels,
  visit: (window: SampleWindow) => number | undefined,
): StepSeries[] {
  const { offsetMs } = matrix.selector;
  const found = select(storage, matrix.selector, grid, matrix.rangeMs);
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
