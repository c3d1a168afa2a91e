import type { NodePressure } from "../core/experiment/node-pressure.ts";
import type { ThrottledPod } from "../core/experiment/throttled.ts";
import type { CallEdge, ServiceId } from "../core/model/cluster.ts";
import type { Grid, Observation, Reporter } from "../core/model/series.ts";
import type { Window } from "../core/model/units.ts";
import type { Waited } from "../core/model/verdict.ts";
import type { Attempts } from "../core/observe/attempts.ts";

/** Can the source be believed now? `blind` says why not. */
export interface MetricsHealth {
  readonly blind: string | null;
  /** Most common time between scrapes of the mesh's proxies, ms; null when it cannot be told. */
  readonly scrapeIntervalMs: number | null;
  /** The source's clock minus ours, ms. */
  readonly clockSkewMs: number;
  readonly services: number;
}

/**
 * What is fixed once per service and kept with its history, so that one window can be compared with
 * another.
 */
export interface Reading {
  readonly reporter: Reporter;
  /** Latency bounds in ms, ascending; empty when it has no latency. */
  readonly boundsMs: readonly number[];
}
export type Readings = ReadonlyMap<ServiceId, Reading>;

export interface MetricsLimit {
  /** False when something cannot be judged because of it. */
  readonly ok: boolean;
  readonly says: string;
}

/**
 * Reads the mesh's telemetry. Every method rejects with `source-unavailable` (may be tried again)
 * or `source-refused`.
 */
export interface MetricsSource {
  /**
   * Counts of every service on `grid`, from as few requests as possible whatever the number of
   * services. Failure series that are born inside the grid count in full although rate() would lose
   * them. A service without any series is absent. Services in `kept` are read as they were before;
   * for the others reporter and bounds are chosen from the data.
   */
  counts(grid: Grid, signal: AbortSignal, kept?: Readings): Promise<Observation>;
  /**
   * Long history on `grid` in chunks; the same meaning as `counts` but without the raw look at
   * newborn series.
   */
  history(grid: Grid, signal: AbortSignal, kept?: Readings): Promise<Observation>;
  /** Who called whom in `window`, HTTP and TCP. */
  edges(window: Window, signal: AbortSignal): Promise<readonly CallEdge[]>;
  /**
   * Requests and failures a service had in the last `windowMs` until `atMs`, for gates and abort
   * rule; one request.
   */
  recent(atMs: number, windowMs: number, signal: AbortSignal): Promise<readonly RecentCounts[]>;
  /**
   * Requests to these services in `window` that an injected fault answered or held back, by Envoy's
   * flags. Absent: the source cannot tell.
   */
  injected?(services: readonly ServiceId[], window: Window, signal: AbortSignal): Promise<number>;
  /**
   * How often each caller asked these services in `window`, and how many tries arrived: the
   * callers' own proxies count a request once, whatever they tried for it, and the services' count
   * every try. One request. Absent: the source cannot tell.
   */
  attempts?(services: readonly ServiceId[], window: Window, signal: AbortSignal): Promise<readonly Attempts[]>;
  /**
   * How long the slowest hundredth of the successful requests to these services took at least in
   * `window`; those that nobody can tell of are left out. One request. Absent: the source cannot
   * tell.
   */
  waits?(services: readonly ServiceId[], window: Window, signal: AbortSignal): Promise<readonly Waited[]>;
  /** Requests that broke off. Absent: the source cannot tell. */
  readonly resets?: {
    /** Response flags of such requests. */
    readonly flags: readonly string[];
    /** How many there were in `window`, by who reports them. One request. */
    count(services: readonly ServiceId[], window: Window, signal: AbortSignal): Promise<readonly ResetCount[]>;
  };
  /**
   * How short of CPU these nodes were in `window`; those that nobody scrapes are left out. Absent:
   * the source cannot tell.
   */
  nodePressure?(nodes: readonly string[], window: Window, signal: AbortSignal): Promise<readonly NodePressure[]>;
  /**
   * How often pods of these namespaces were held back by their CPU limits in `window`; those that
   * nobody counts are left out. Absent: the source cannot tell.
   */
  throttled?(namespaces: readonly string[], window: Window, signal: AbortSignal): Promise<readonly ThrottledPod[]>;
  health(signal: AbortSignal): Promise<MetricsHealth>;
  /** What limits the telemetry of single services, one sentence each; for whoever sets it up. */
  inspect?(signal: AbortSignal): Promise<readonly MetricsLimit[]>;
}

/** Failed requests to a service that carry a flag of a broken connection. */
export interface ResetCount {
  readonly service: ServiceId;
  readonly reporter: Reporter;
  readonly count: number;
}

export interface RecentCounts {
  readonly service: ServiceId;
  readonly requests: number;
  readonly failures: number;
  /** Why its failures are not known; absent when they are. */
  readonly unread?: string;
}
