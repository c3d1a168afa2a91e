import type { ClusterSnapshot, Pod, ServiceId, Workload, WorkloadRef } from "../model/cluster.ts";
import type { ExperimentId } from "../model/experiment.ts";
import type { Fault, FaultKind } from "../model/fault.ts";
import type { Policy } from "../model/policy.ts";

/** What was done before, from the journal: experiments that got as far as their injection. */
export interface PastInjection {
  readonly experimentId: ExperimentId;
  readonly policy: string;
  readonly atMs: number;
  /** A sham hurts nobody: it spends no budget and starts no cooldown. */
  readonly sham: boolean;
  readonly fault: FaultKind;
  readonly workload: WorkloadRef;
  readonly services: readonly ServiceId[];
  /** Findings of this experiment that are not fixed. */
  readonly findings: number;
  /** Requests that failed because of it, by service; absent: none that is known. */
  readonly failed?: ReadonlyMap<ServiceId, number>;
}

/** What the choice of a target needs to know besides the policy and the cluster. */
export interface TargetFacts {
  readonly past: readonly PastInjection[];
  /** Namespaces (patterns with `*`) that a policy reaches only by naming them in full. */
  readonly protectedNamespaces: readonly string[];
  /**
   * Why a fault of HTTP could not be put before these services, as their routes are, or null;
   * absent: nobody looked.
   */
  readonly whyNotRouted?: (fault: Fault, services: readonly ServiceId[]) => string | null;
  /** Keys of workloads with a risk that no experiment has tested; absent: nobody looked. */
  readonly untested?: ReadonlySet<string>;
}

/** What one check looks at: a workload and everything around it. */
export interface Candidate {
  readonly workload: Workload;
  /** The workload's pods in the snapshot. */
  readonly pods: readonly Pod[];
  readonly policy: Policy;
  readonly snapshot: ClusterSnapshot;
  readonly facts: TargetFacts;
}

/** Answers with a reason, or null when nothing speaks against this workload. */
export type Check = (candidate: Candidate) => string | null;

/** Injections that really happened. */
export const withoutShams = (past: readonly PastInjection[]): readonly PastInjection[] =>
  past.filter((one) => !one.sham);
