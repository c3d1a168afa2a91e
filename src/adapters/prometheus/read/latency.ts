import type { Grid, LatencyCounts, Reporter } from "../../../core/model/series.ts";
import type { Reading } from "../../../ports/metrics.ts";
import type { OnSeries, Samples } from "../client/matrix-reader.ts";
import { callerOf, type Labels, serviceOf } from "../signals/classify.ts";
import { atOrUnder } from "../signals/native.ts";
import { anyOf, boundSpellings, parseBound } from "../signals/promql.ts";
import type { Signals } from "../signals/signals.ts";
import type { HistogramForm } from "./distribution.ts";

/**
 * How a service is read: as whom its reporter saw it, at which bounds, from which form of
 * histogram.
 */
export interface FormedReading extends Reading {
  readonly form: HistogramForm;
  /** Who is believed about each caller, where that is not the same for all. */
  readonly callers: ReadonlyMap<string, Reporter>;
}
/** By service. */
export type Wanted = ReadonlyMap<string, FormedReading>;

/** The bounds of all services as one regular expression; +Inf counts all successful requests. */
export function boundsPattern(wanted: Wanted): string {
  const bounds = [...new Set([...wanted.values()].flatMap(({ boundsMs }) => boundsMs))].sort((a, b) => a - b);
  return anyOf([...bounds, Number.POSITIVE_INFINITY].flatMap(boundSpellings));
}

/** By bound, a value for each step; NaN where nothing was answered. */
type Row = Map<number, Float64Array>;
/**
 * Successful requests at or under each bound, and the samples of the series that they come from, of
 * which every bound has as many.
 */
interface Rows {
  readonly counts: Row;
  readonly samples: Row;
}

/**
 * What one form of histogram says: all successful requests, and those at or under each bound; null
 * where no bucket ends there.
 */
interface Layer {
  readonly all: Float64Array;
  readonly fast: readonly (Float64Array | null)[];
  /** 1 in steps in which not all series have all bounds. */
  readonly mixed: Uint8Array;
}

/**
 * Gathers answers of bucket queries (successful requests at or under a bound, by step) into counts
 * of slow requests.
 */
export class LatencyBook {
  private readonly rows: Record<HistogramForm, Map<string, Rows>> = { classic: new Map(), native: new Map() };
  private readonly grid: Grid;
  private readonly signals: Signals;
  private readonly wanted: Wanted;

  constructor(grid: Grid, signals: Signals, wanted: Wanted) {
    this.grid = grid;
    this.signals = signals;
    this.wanted = wanted;
  }

  /**
   * For a range query of one form with one point at the end of every step: of services whose
   * callers are all read from the same proxies, or by caller of the others.
   */
  adder(form: HistogramForm, by: "service" | "caller"): OnSeries {
    return form === "classic"
      ? (labels, samples) => this.addClassic(labels, samples, by)
      : (labels, samples) => this.addNative(labels, samples, by);
  }

  private addClassic(labels: Labels, samples: Samples, by: "service" | "caller"): void {
    const bound = parseBound(labels.le ?? "");
    const found = this.rowsOf("classic", labels, by);
    if (found === null || (bound !== Number.POSITIVE_INFINITY && !found.wanted.boundsMs.includes(bound))) return;
    const into = labels.stat === "samples" ? found.rows.samples : found.rows.counts;
    addPoints(this.row(into, bound), samples, this.grid);
  }

  /**
   * The same for native histograms, which are told a second. A step in which a bound lies inside a
   * bucket is not known.
   */
  private addNative(labels: Labels, { histograms = [] }: Samples, by: "service" | "caller"): void {
    const found = this.rowsOf("native", labels, by);
    if (found === null) return;
    const { startMs, stepMs } = this.grid;
    const bounds = [...found.wanted.boundsMs, Number.POSITIVE_INFINITY];
    const rows = bounds.map((bound) => ({ bound, row: this.row(found.rows.counts, bound) }));
    for (const { atMs, count, buckets } of histograms) {
      const step = Math.round((atMs - startMs) / stepMs) - 1;
      for (const { bound, row } of rows) {
        const perSecond = bound === Number.POSITIVE_INFINITY ? count : atOrUnder(buckets, bound);
        if (perSecond !== null) addPoint(row, step, (perSecond * stepMs) / 1000);
      }
    }
  }

  /**
   * Counts of `service`; null when it has no bounds or no successful request was counted. In a step
   * both forms of histogram are never added up: the other one is looked at where that which is read
   * has nothing, as before the day on which it was introduced.
   */
  of(service: string): LatencyCounts | null {
    const wanted = this.wanted.get(service);
    if (wanted === undefined || wanted.boundsMs.length === 0) return null;
    const { form, boundsMs } = wanted;
    const other: HistogramForm = form === "classic" ? "native" : "classic";
    const layers = [form, other].flatMap((one) => layerOf(this.rows[one].get(service), boundsMs) ?? []);
    if (layers.length === 0) return null;
    const successes = new Float64Array(this.grid.steps);
    const slow = boundsMs.map(() => new Float64Array(this.grid.steps));
    for (let i = 0; i < this.grid.steps; i++) {
      const layer = layers.length === 1 || layers[0]!.all[i]! > 0 ? layers[0]! : layers[1]!;
      if (layer.all[i]! > 0) fillStep(i, layer, successes, slow);
    }
    return { boundsMs, successes, slow };
  }

  private rowsOf(
    form: HistogramForm,
    labels: Labels,
    by: "service" | "caller",
  ): { readonly wanted: FormedReading; readonly rows: Rows } | null {
    const service = serviceOf(labels, this.signals);
    if (service === null) return null;
    const id = `${service.namespace}/${service.name}`;
    const wanted = this.wanted.get(id);
    if (wanted === undefined || (by === "caller") !== wanted.callers.size > 0) return null;
    const believed = by === "caller" ? wanted.callers.get(callerOf(labels, this.signals)) : wanted.reporter;
    if ((believed ?? wanted.reporter) !== service.reporter) return null;
    const rows: Rows = this.rows[form].get(id) ?? { counts: new Map(), samples: new Map() };
    this.rows[form].set(id, rows);
    return { wanted, rows };
  }

  private row(rows: Row, bound: number): Float64Array {
    const row = rows.get(bound) ?? new Float64Array(this.grid.steps).fill(Number.NaN);
    rows.set(bound, row);
    return row;
  }
}

function layerOf(rows: Rows | undefined, boundsMs: readonly number[]): Layer | null {
  const all = rows?.counts.get(Number.POSITIVE_INFINITY);
  if (rows === undefined || all === undefined) return null;
  const fast = boundsMs.map((bound) => rows.counts.get(bound) ?? null);
  const most = rows.samples.get(Number.POSITIVE_INFINITY);
  const differs = (bound: number, i: number): boolean => (rows.samples.get(bound)?.[i] || 0) !== (most?.[i] || 0);
  const mixed = Uint8Array.from(all, (_, i) =>
    most !== undefined && boundsMs.some((bound) => differs(bound, i)) ? 1 : 0,
  );
  return { all, fast, mixed };
}

/**
 * Step `i` of a service. Without one of its buckets, or where some pods do not have it, it stays
 * unknown: it would seem as if everything there had been slow.
 */
function fillStep(
  i: number,
  { all, fast, mixed }: Layer,
  successes: Float64Array,
  slow: readonly Float64Array[],
): void {
  const total = all[i]!;
  if (mixed[i] === 1) return;
  for (const row of fast) if (row === null || Number.isNaN(row[i]!)) return;
  successes[i] = total;
  for (let k = 0; k < slow.length; k++) slow[k]![i] = Math.min(total, Math.max(0, total - fast[k]![i]!));
}

/**
 * Adds values that were evaluated at the ends of steps; what lies outside the grid, is negative or
 * not finite is passed over.
 */
export function addPoints(row: Float64Array, { timesMs, values, n }: Samples, grid: Grid): void {
  for (let j = 0; j < n; j++) addPoint(row, Math.round((timesMs[j]! - grid.startMs) / grid.stepMs) - 1, values[j]!);
}

/** The first value of a step that was not known (NaN) takes its place. */
function addPoint(row: Float64Array, step: number, value: number): void {
  if (step < 0 || step >= row.length || !(value >= 0) || !Number.isFinite(value)) return;
  row[step] = (row[step]! || 0) + nearInteger(value);
}

/** Rates times seconds are off by rounding only; where a count is meant, it is one. */
export function nearInteger(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) < 1e-6 ? whole : value;
}
