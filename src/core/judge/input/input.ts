import type { ServiceId } from "../../model/cluster.ts";
import type { Geometry, MinimumEffect } from "../../model/policy.ts";
import type { Observation } from "../../model/series.ts";
import type { Window } from "../../model/units.ts";
import type { SignalVerdict } from "../../model/verdict.ts";
import type { Nulls } from "./nulls.ts";
import type { QuantileSeries } from "./quantile-series.ts";

/** Who calls whom, by service. Edges of callers that stand behind no service are left out. */
export interface Call {
  readonly caller: ServiceId;
  readonly callee: ServiceId;
}

export interface JudgeInput {
  /**
   * Counts of all services; the grid starts at `t0Ms − geometry.beforeMs` and reaches to the end of
   * the late window, extended or not.
   */
  readonly observation: Observation;
  /**
   * The quiet record of the same services on the same step, hours to days long; it may overlap the
   * observation.
   */
  readonly history: Observation | null;
  /**
   * Times inside the history that are not quiet because of us: our own injections until they were
   * over.
   */
  readonly excluded: readonly Window[];
  /** The injection, or the moment to pretend one. */
  readonly t0Ms: number;
  /** t_clear of design.md §6: the late window starts `graceMs` after it. */
  readonly clearMs: number;
  /**
   * Windows; `lateMs: 0` judges the early window alone, and then nothing can be called persistent
   * or recovered.
   */
  readonly geometry: Geometry;
  /**
   * By how much the observation was extended: the late window keeps its length and lies so much
   * later. Absent: not at all.
   */
  readonly extendedMs?: number;
  /**
   * What was found to be worse before the observation was extended: it stays found, and only what
   * became of it is asked.
   */
  readonly foundBefore?: readonly Pick<SignalVerdict, "service" | "signal">[];
  readonly minimumEffect: MinimumEffect | ((service: ServiceId) => MinimumEffect);
  readonly calls: readonly Call[];
  /**
   * Services of the target: the headline is the worst over them, their callers up to three hops
   * away, and their direct callees.
   */
  readonly concerned: readonly ServiceId[];
  /**
   * Why the observation ended before its time (aborted, cancelled), when it did: what was not found
   * is then `cut-short`.
   */
  readonly cutShort?: string | null;
  /**
   * Prepared by `buildNulls` from the same history, for windows of the same lengths; made on the
   * spot when absent, which costs seconds for hundreds of services. The history that they were made
   * from must end before the observation.
   */
  readonly nulls?: Nulls | null;
  readonly quantiles?: readonly QuantileSeries[];
  /** The same series on the history's grid, matched by service and label. */
  readonly historyQuantiles?: readonly QuantileSeries[];
}
