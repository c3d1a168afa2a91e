import type { ServiceId } from "./cluster.ts";
import type { Signal } from "./verdict.ts";

/**
 * Evenly spaced steps: step `i` counts what happened in `[startMs + i·stepMs, startMs +
 * (i+1)·stepMs)`.
 */
export interface Grid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
}

/**
 * Counts a step. Those of an observation are exact; a week of hundreds of services is kept in half
 * the space, exact below 16,777,216.
 */
export type Counts = Float64Array | Float32Array;

/** Which proxy's report is counted. */
export type Reporter = "source" | "waypoint" | "destination";

/**
 * Requests slower than three bucket bounds, among the successful ones. All arrays have the grid's
 * length.
 */
export interface LatencyCounts {
  /** Bounds in ms, ascending; as many as `slow` has rows (at most three). */
  readonly boundsMs: readonly number[];
  /** Successful requests that the histogram counted. */
  readonly successes: Counts;
  /** `slow[k][i]`: those slower than `boundsMs[k]` in step i. */
  readonly slow: readonly Counts[];
}

/** Connections of a service that speaks only TCP. */
export interface ConnectionCounts {
  readonly opened: Counts;
  readonly closed: Counts;
  /** Connections that failed: flags UF or UH, or ztunnel's own failures. */
  readonly failed: Counts;
}

/**
 * Counts of one service on a grid; fractional where derived from rates. A step whose `valid` is 0
 * was not (fully) scraped: its counts mean nothing and are never read as zero.
 */
export interface ServiceCounts {
  readonly service: ServiceId;
  readonly reporter: Reporter;
  readonly requests: Counts;
  readonly failures: Counts;
  readonly latency: LatencyCounts | null;
  readonly connections: ConnectionCounts | null;
  readonly valid: Uint8Array;
  /**
   * Failed requests, and those that a fault held back, by Envoy response flag over the whole grid,
   * for the explanation.
   */
  readonly flags: Readonly<Record<string, number>>;
  /** Signals that cannot be read, and why: their counts mean nothing. Absent when all can. */
  readonly unread?: Partial<Readonly<Record<Signal, string>>>;
}

export interface Observation {
  readonly grid: Grid;
  readonly services: readonly ServiceCounts[];
  /** Requests made to the metrics source for this. */
  readonly sourceRequests: number;
  /**
   * Limits of the data, one sentence each: a fallback of the reporter, a restart of Prometheus, a
   * lost scrape.
   */
  readonly notes: readonly string[];
}

/** Index of the step that contains `atMs`; may lie outside `[0, steps)`. */
export const stepAt = (grid: Grid, atMs: number): number => Math.floor((atMs - grid.startMs) / grid.stepMs);
/** Start of step `i`, ms since the epoch. */
export const stepStartMs = (grid: Grid, i: number): number => grid.startMs + i * grid.stepMs;
