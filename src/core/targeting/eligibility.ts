import { type ClusterSnapshot, type Workload, workloadKey } from "../model/cluster.ts";
import type { Policy } from "../model/policy.ts";
import { cooledDown } from "./checks/history.ts";
import { hasPod } from "./checks/pods.ts";
import { inNamespace, labelled, named, notExempt, ofKind, replicaRule, someMayBeMissing } from "./checks/scope.ts";
import {
  allReady,
  budgetsAllow,
  namespaceStays,
  noRollout,
  notBlackedOut,
  notScaling,
  oldEnough,
} from "./checks/state.ts";
import type { Candidate, Check, TargetFacts } from "./facts.ts";

/** What the policy and the workload's own design say: stays so until somebody changes one of them. */
export const LASTING_CHECKS: readonly Check[] = [
  inNamespace,
  named,
  ofKind,
  labelled,
  notExempt,
  replicaRule,
  someMayBeMissing,
];

/** What only holds at this moment. */
export const PASSING_CHECKS: readonly Check[] = [
  namespaceStays,
  notBlackedOut,
  noRollout,
  oldEnough,
  notScaling,
  allReady,
  budgetsAllow,
  hasPod,
  cooledDown,
];

export interface Eligibility {
  readonly workload: Workload;
  /** Every reason, not only the first; empty when the workload may be hit. */
  readonly whyNot: readonly string[];
}

/** One candidate for each workload of the snapshot. */
export function candidatesOf(snapshot: ClusterSnapshot, policy: Policy, facts: TargetFacts): Candidate[] {
  const podsByWorkload = Map.groupBy(snapshot.pods, (pod) => workloadKey(pod.workload));
  return snapshot.workloads.map((workload) => ({
    workload,
    pods: podsByWorkload.get(workloadKey(workload)) ?? [],
    policy,
    snapshot,
    facts,
  }));
}

/** Every reason that `checks` have against the candidate. */
export const reasons = (checks: readonly Check[], candidate: Candidate): string[] =>
  checks.flatMap((check) => check(candidate) ?? []);

/** Every workload of the snapshot, each with all reasons why `policy` must not hit it now. */
export function eligibility(snapshot: ClusterSnapshot, policy: Policy, facts: TargetFacts): readonly Eligibility[] {
  return candidatesOf(snapshot, policy, facts).map((candidate) => ({
    workload: candidate.workload,
    whyNot: reasons([...LASTING_CHECKS, ...PASSING_CHECKS], candidate),
  }));
}
