import {
  type CallEdge,
  type ClusterSnapshot,
  type ServiceId,
  type WorkloadRef,
  workloadKey,
  workloadName,
} from "../model/cluster.ts";
import type { FaultKind } from "../model/fault.ts";
import type { Policy } from "../model/policy.ts";
import { type SparedPod, sparedPods } from "./checks/pods.ts";
import { allowedUnavailable } from "./checks/scope.ts";
import { candidatesOf, eligibilityOf, LASTING_CHECKS, notesOn, PASSING_CHECKS, reasons } from "./eligibility.ts";
import type { Candidate, TargetFacts } from "./facts.ts";
import { type ImpossibleFault, impossibleFaults, notPossible, whyNoFault } from "./impossible.ts";

/**
 * `outage`: nobody is left to answer; `faulted`: requests are made to fail or wait; `caller`:
 * something that it calls has one of these; `fewer`: some of its pods are missing.
 */
export type WorstCase = "outage" | "faulted" | "caller" | "fewer";

const WORST_FIRST: readonly WorstCase[] = ["outage", "faulted", "caller", "fewer"];

/** A workload that a policy may hit. */
export interface Reachable {
  readonly policy: string;
  readonly workload: WorkloadRef;
  readonly services: readonly ServiceId[];
  readonly faults: readonly FaultKind[];
  readonly replicas: number;
  /** Pods that may be missing at once. */
  readonly atMost: number;
  /** What speaks against it today and may be gone tomorrow. */
  readonly notNow: readonly string[];
  /** Its pods that may not be hit today. */
  readonly spared: readonly SparedPod[];
  readonly notes: readonly string[];
  /** By service, how many pods it leads to, this workload's and others'. */
  readonly behind: Readonly<Record<ServiceId, number>>;
}

/** The worst that may happen to one service, and by what. */
export interface ServiceWorstCase {
  readonly service: ServiceId;
  readonly worst: WorstCase;
  readonly why: string;
}

export interface WhatIf {
  readonly reachable: readonly Reachable[];
  readonly outOfReach: readonly {
    readonly policy: string;
    readonly workload: WorkloadRef;
    readonly whyNot: readonly string[];
  }[];
  /** Worst first; services that nothing can touch are absent. */
  readonly services: readonly ServiceWorstCase[];
}

/**
 * What `policies` could hit if they were armed, and the worst case for each service, before
 * anything is. Reasons that may pass within a week (a rollout, a cooldown) do not count as
 * protection. Callers are followed through the edges seen in the mesh.
 */
export function whatIf(
  policies: readonly Policy[],
  snapshot: ClusterSnapshot,
  edges: readonly CallEdge[],
  factsOf: (policy: Policy) => TargetFacts,
): WhatIf {
  const candidates = policies.map((policy) => candidatesOf(snapshot, policy, factsOf(policy)));
  const reachable = candidates.flatMap(reachableOf);
  const outOfReach = candidates.flat().flatMap((candidate) => {
    const whyNot = reasons(LASTING_CHECKS, candidate);
    return whyNot.length === 0 ? [] : [{ policy: candidate.policy.name, workload: refOf(candidate.workload), whyNot }];
  });
  return { reachable, outOfReach, services: worstCases(reachable, snapshot, edges) };
}

const refOf = ({ kind, namespace, name }: WorkloadRef): WorkloadRef => ({ kind, namespace, name });

/** Of one policy's candidates, those that nothing lasting protects. */
function reachableOf(all: readonly Candidate[]): Reachable[] {
  const eligible = all.filter((one) => eligibilityOf(one).whyNot.length === 0);
  const impossible = impossibleFaults(eligible, all);
  return all
    .filter((one) => reasons(LASTING_CHECKS, one).length === 0)
    .map((one) => toReachable(one, impossible.get(workloadKey(one.workload)) ?? []));
}

function toReachable(candidate: Candidate, impossible: readonly ImpossibleFault[]): Reachable {
  const { workload, policy } = candidate;
  const none = whyNoFault(impossible, candidate);
  const notNow = [...reasons(PASSING_CHECKS, candidate), ...(none === null ? [] : [none])];
  return {
    policy: policy.name,
    workload: refOf(workload),
    services: workload.services,
    faults: [...new Set(policy.faults.map((one) => one.fault.kind))],
    replicas: workload.replicas,
    atMost: Math.min(workload.replicas, mostAtOnce(candidate)),
    notNow,
    spared: notNow.length === 0 ? sparedPods(candidate) : [],
    notes: [...notPossible(impossible, candidate), ...notesOn(candidate)],
    behind: Object.fromEntries(workload.services.map((service) => [service, podsBehind(service, candidate)])),
  };
}

/** Pods that a Service leads to; where nobody looked at the pods, all of the workload's. */
function podsBehind(service: ServiceId, { snapshot, workload }: Candidate): number {
  const led = snapshot.pods.filter((pod) => !pod.terminating && pod.services?.includes(service) === true);
  return led.length > 0 ? led.length : workload.replicas;
}

/** Pod faults take one pod; a drain or an outage as many as the limit allows. */
function mostAtOnce({ policy, workload }: Candidate): number {
  const allowed = allowedUnavailable(policy.limits.maxUnavailable, workload.replicas);
  const several = policy.faults.some(({ fault }) => fault.kind === "node-drain" || fault.kind === "zone-outage");
  const one = policy.faults.some(({ fault }) => fault.kind.startsWith("pod-"));
  return several ? allowed : one ? 1 : 0;
}

function worstCases(
  reachable: readonly Reachable[],
  snapshot: ClusterSnapshot,
  edges: readonly CallEdge[],
): readonly ServiceWorstCase[] {
  const worst = new Map<ServiceId, ServiceWorstCase>();
  const note = (found: ServiceWorstCase): boolean => {
    const known = worst.get(found.service);
    if (known !== undefined && rank(known.worst) <= rank(found.worst)) return false;
    worst.set(found.service, found);
    return true;
  };
  for (const one of reachable) for (const service of one.services) note(directly(service, one));
  const queue = [...worst.values()].filter((one) => one.worst === "outage" || one.worst === "faulted");
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const service of callersOf(next.service, snapshot, edges)) {
      const found = { service, worst: "caller" as const, why: `calls ${next.service} (${next.why})` };
      if (note(found)) queue.push(found);
    }
  }
  return [...worst.values()].toSorted((a, b) => rank(a.worst) - rank(b.worst) || (a.service < b.service ? -1 : 1));
}

const rank = (worst: WorstCase): number => WORST_FIRST.indexOf(worst);

function directly(service: ServiceId, one: Reachable): ServiceWorstCase {
  const by = `${one.policy} on ${workloadName(one.workload)}`;
  const behind = one.behind[service] ?? one.replicas;
  const missing = `${by}: ${Math.min(one.atMost, behind)} of ${behind} pods missing`;
  if (one.atMost >= behind) return { service, worst: "outage", why: missing };
  const http = one.faults.filter((kind) => kind.startsWith("http-"));
  return http.length > 0
    ? { service, worst: "faulted", why: `${by}: ${http.join(", ")}` }
    : { service, worst: "fewer", why: missing };
}

/** The mesh knows a caller's namespace and name, not always its kind. */
function callersOf(service: ServiceId, snapshot: ClusterSnapshot, edges: readonly CallEdge[]): readonly ServiceId[] {
  const callers = edges.filter((edge) => edge.callee === service).map((edge) => edge.caller);
  const calls = (workload: WorkloadRef): boolean =>
    callers.some((caller) => caller.namespace === workload.namespace && caller.name === workload.name);
  return snapshot.workloads.filter(calls).flatMap((workload) => workload.services);
}
