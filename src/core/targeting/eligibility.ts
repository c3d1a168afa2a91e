import { type ClusterSnapshot, type Workload, workloadKey } from "../model/cluster.ts";
import type { Fault } from "../model/fault.ts";
import type { Policy } from "../model/policy.ts";
import { budgetsAllow } from "./checks/budgets.ts";
import { cooledDown } from "./checks/cooldown.ts";
import { hasPod, nodesWell, type SparedPod, sparedPods } from "./checks/pods.ts";
import { inNamespace, labelled, named, notExempt, ofKind, replicaRule, someMayBeMissing } from "./checks/scope.ts";
import {
  allReady,
  namespaceStays,
  noRollout,
  notBlackedOut,
  notScaling,
  oldEnough,
  servicesKnown,
} from "./checks/state.ts";
import type { Candidate, Check, TargetFacts } from "./facts.ts";

/**
 * What the policy and the workload's own design say: stays so until somebody changes one of them.
 */
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
  servicesKnown,
  budgetsAllow,
  hasPod,
  nodesWell,
  cooledDown,
];

export interface Eligibility {
  readonly workload: Workload;
  /** Every reason, not only the first; empty when the workload may be hit. */
  readonly whyNot: readonly string[];
  /** Of a workload that may be hit: its pods that may not. */
  readonly spared: readonly SparedPod[];
  /**
   * What does not speak against it and should be known: an autoscaler that cannot read its metrics.
   */
  readonly notes: readonly string[];
}

/** What should be known of a workload besides the reasons against it. */
export function notesOn({ workload: { autoscaler, ownedBy, services }, snapshot }: Candidate): string[] {
  const led = (snapshot.serviceNotes ?? []).filter(({ service }) => services.includes(service));
  return [
    ...(autoscaler?.blind === undefined
      ? []
      : [`autoscaler ${autoscaler.name} cannot read its metrics: ${autoscaler.blind}`]),
    ...(ownedBy === undefined ? [] : [`it belongs to ${ownedBy}`]),
    ...led.map(({ service, what }) => `Service ${service} is ${what}`),
  ];
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

/**
 * The policy as it holds for what `fault` takes along: a drain may take workloads of one replica.
 */
export const policyOf = (fault: Fault, policy: Policy): Policy =>
  fault.kind === "node-drain" && fault.singleReplicas === "hit" && policy.limits.singleReplica === "skip"
    ? { ...policy, limits: { ...policy.limits, singleReplica: "allow" } }
    : policy;

/** Every reason that `checks` have against the candidate. */
export const reasons = (checks: readonly Check[], candidate: Candidate): string[] =>
  checks.flatMap((check) => check(candidate) ?? []);

/** All that is to be said of one candidate. */
export function eligibilityOf(candidate: Candidate): Eligibility {
  const whyNot = reasons([...LASTING_CHECKS, ...PASSING_CHECKS], candidate);
  const spared = whyNot.length === 0 ? sparedPods(candidate) : [];
  return { workload: candidate.workload, whyNot, spared, notes: notesOn(candidate) };
}
