import type { Grid, LatencyCounts, Reporter } from "../../core/model/series.ts";
import { type Labels, serviceOf } from "./classify.ts";
import type { OnSeries, Samples } from "./matrix-reader.ts";
import { anyOf, boundSpellings, parseBound } from "./promql.ts";
import type { Signals } from "./signals.ts";

/** Which bounds (ms) of which service, as which reporter saw it. */
export type Wanted = ReadonlyMap<string, { readonly reporter: Reporter; readonly boundsMs: readonly number[] }>;

/** The bounds of all services as one regular expression; +Inf counts all successful requests. */
export function boundsPattern(wanted: Wanted): string {
  const bounds = [...new Set([...wanted.values()].flatMap(({ boundsMs }) => boundsMs))].sort((a, b) => a - b);
  return anyOf([...bounds, Number.POSITIVE_INFINITY].flatMap(boundSpellings));
}

/** Gathers answers of bucket queries (successful requests at or under a bound, by step) into counts of slow requests. */
export class LatencyBook {
  private readonly rows = new Map<string, Map<number, Float64Array>>();
  private readonly grid: Grid;
  private readonly signals: Signals;
  private readonly wanted: Wanted;

  constructor(grid: Grid, signals: Signals, wanted: Wanted) {
    this.grid = grid;
    this.signals = signals;
    this.wanted = wanted;
  }

  /** For a range query with one point at the end of every step. */
  readonly add: OnSeries = (labels: Labels, samples: Samples) => {
    const service = serviceOf(labels, this.signals);
    if (service === null) return;
    const id = `${service.namespace}/${service.name}`;
    const wanted = this.wanted.get(id);
    const bound = parseBound(labels.le ?? "");
    if (wanted?.reporter !== service.reporter) return;
    if (bound !== Number.POSITIVE_INFINITY && !wanted.boundsMs.includes(bound)) return;
    addPoints(this.row(id, bound), samples, this.grid);
  };

  /** Counts of `service`; null when it has no bounds or no successful request was counted. */
  of(service: string): LatencyCounts | null {
    const rows = this.rows.get(service);
    const boundsMs = this.wanted.get(service)?.boundsMs ?? [];
    const successes = rows?.get(Number.POSITIVE_INFINITY);
    if (boundsMs.length === 0 || successes === undefined) return null;
    const slow = boundsMs.map((bound) => {
      const fast = rows?.get(bound);
      return successes.map((all, i) => Math.min(all, Math.max(0, all - (fast?.[i] ?? 0))));
    });
    return { boundsMs, successes, slow };
  }

  private row(id: string, bound: number): Float64Array {
    const rows = this.rows.get(id) ?? new Map<number, Float64Array>();
    this.rows.set(id, rows);
    const row = rows.get(bound) ?? new Float64Array(this.grid.steps);
    rows.set(bound, row);
    return row;
  }
}

/** Adds values that were evaluated at the ends of steps; what lies outside the grid, is negative or not finite is passed over. */
export function addPoints(row: Float64Array, { timesMs, values, n }: Samples, grid: Grid): void {
  for (let j = 0; j < n; j++) {
    const step = Math.round((timesMs[j]! - grid.startMs) / grid.stepMs) - 1;
    const value = values[j]!;
    if (step >= 0 && step < row.length && value >= 0 && Number.isFinite(value)) row[step]! += nearInteger(value);
  }
}

/** Rates times seconds are off by rounding only; where a count is meant, it is one. */
export function nearInteger(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) < 1e-6 ? whole : value;
}
