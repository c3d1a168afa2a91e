import type { CallEdge, ClusterSnapshot, ServiceId } from "../../core/model/cluster.ts";
import type { Choice, ExperimentId, ExperimentPlan, Extension } from "../../core/model/experiment.ts";
import type { Policy } from "../../core/model/policy.ts";
import type { Calendar } from "../../core/schedule/calendar.ts";
import type { PastInjection } from "../../core/targeting/facts.ts";
import type { AlertSource } from "../../ports/alerts.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { HaltSwitch, Lease } from "../../ports/lease.ts";
import type { MetricsSource } from "../../ports/metrics.ts";

/** An experiment whose damage is not over: the services that are still down. */
export interface OpenDamage {
  readonly experimentId: ExperimentId;
  readonly services: readonly ServiceId[];
}

/** Bounds of the gates that measure; the defaults are `DEFAULT_GATE_LIMITS`. */
export interface GateLimits {
  /** A slot that is older than this is missed. */
  readonly lateAfterMs: number;
  /** Share of failed requests from which a service counts as degraded already, 0…1, … */
  readonly degradedShare: number;
  /** … if at least so many requests failed … */
  readonly degradedFailures: number;
  /** … in this time until now. */
  readonly degradedWindowMs: number;
  /** Experiments with open damage at which nothing more is injected anywhere. */
  readonly openDamageMax: number;
}

export const DEFAULT_GATE_LIMITS: GateLimits = {
  lateAfterMs: 60_000,
  degradedShare: 0.05,
  degradedFailures: 5,
  degradedWindowMs: 300_000,
  openDamageMax: 1,
};

/**
 * Everything that the gates look at: plain data as fresh as it gets, and ports for what must be
 * asked at the last moment.
 */
export interface PreflightFacts {
  readonly policy: Policy;
  readonly plan: ExperimentPlan;
  readonly choice: Choice;
  readonly snapshot: ClusterSnapshot;
  nowMs(): number;
  readonly past: readonly PastInjection[];
  readonly openDamage: readonly OpenDamage[];
  /** Experiments between their injection and their verdict. */
  readonly active: readonly ExperimentId[];
  /** Those of them that are observed for longer than planned. */
  readonly extended?: ReadonlyMap<ExperimentId, Pick<Extension, "toMs" | "why">>;
  /**
   * Those of them whose verdict is overdue, and since when (ms since the epoch): what they broke is
   * not known.
   */
  readonly unjudged?: ReadonlyMap<ExperimentId, number>;
  readonly edges: readonly CallEdge[];
  readonly calendar: Calendar;
  readonly protectedNamespaces: readonly string[];
  /** Services that Aftershock itself cannot do without: Prometheus, its storage. */
  readonly dependencies: readonly ServiceId[];
  readonly limits: GateLimits;
  readonly halt: HaltSwitch;
  /** What was asked since then, by the real counter, is fresh; absent: only what is asked now. */
  readonly freshSinceMs?: number;
  readonly lease: Lease;
  readonly metrics: MetricsSource;
  readonly cluster: Pick<ClusterReader, "mayI">;
  /** Null when no alert closes the gate. */
  readonly alerts: { readonly source: AlertSource; readonly selector: string } | null;
}
