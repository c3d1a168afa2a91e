import type { ServiceId, WorkloadRef } from "./cluster.ts";
import type { ExperimentId } from "./experiment.ts";
import type { FaultKind } from "./fault.ts";
import type { Signal } from "./verdict.ts";

/**
 * What one experiment found and others may confirm: that losing `workload` so makes `signal` of
 * `service` worse.
 */
export interface Suspect {
  readonly fault: FaultKind;
  readonly workload: WorkloadRef;
  readonly service: ServiceId;
  readonly signal: Signal;
  /** The experiment that found it first, and the policy that it belongs to. */
  readonly openedBy: ExperimentId;
  readonly policy: string;
  /**
   * Product of the e-values of all experiments since, the first one counted: so many to one against
   * chance.
   */
  readonly evidence: number;
  /** Experiments since then that could tell, and those among them that showed it. */
  readonly runs: number;
  readonly shownBy: readonly ExperimentId[];
  /** Repeats that were made for the sake of what this fault does to this workload. */
  readonly repeats: number;
  /**
   * What the minutes of the draws say, without any model of the service; null when no experiment
   * after the first kept them.
   */
  readonly minutes: OtherMinutes | null;
  readonly standing: "suspected" | "confirmed";
}

/** How bad the minutes that were drawn looked, put together over experiments. */
export interface OtherMinutes {
  /**
   * Share of all choices of the minutes, one an experiment, that would have looked as bad together.
   */
  readonly share: number;
  readonly runs: number;
}
