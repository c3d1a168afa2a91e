import { type Pod, type PodRef, workloadKey } from "../model/cluster.ts";
import type { Fault, Target } from "../model/fault.ts";
import { unreachable } from "../model/units.ts";
import { eligiblePods, whyNotPod } from "./checks/pods.ts";
import { allowedUnavailable } from "./checks/scope.ts";
import type { Candidate } from "./facts.ts";

/** Something that `fault` could hit, or why it cannot. */
export type Possible = { readonly target: Target } | { readonly why: string };

/**
 * Everything that `fault` could hit through this candidate: one entry a pod for pod faults, a node for drains, a zone for outages, one for
 * HTTP faults. `eligible` are all candidates that may be hit now: a drain must not take a pod of any other workload of the snapshot with it.
 */
export function possibleTargets(fault: Fault, candidate: Candidate, eligible: readonly Candidate[]): Possible[] {
  switch (fault.kind) {
    case "pod-delete":
    case "pod-evict":
    case "pod-kill":
      return eligiblePods(candidate).map((pod) => podTarget(fault, candidate, pod));
    case "node-drain":
      return distinct(eligiblePods(candidate), (pod) => pod.node).map((node) => drainTarget(candidate, node, eligible));
    case "zone-outage":
      return distinct(eligiblePods(candidate), (pod) => zoneOf(candidate, pod)).map((zone) =>
        zoneTarget(candidate, zone, eligible),
      );
    case "http-abort":
    case "http-delay":
      return [httpTarget(candidate)];
    default:
      return unreachable(fault);
  }
}

const refOf = ({ namespace, name, uid }: Pod): PodRef => ({ namespace, name, uid });

const base = ({ workload }: Candidate) => ({
  workload: { kind: workload.kind, namespace: workload.namespace, name: workload.name },
  services: workload.services,
});

function zoneOf({ snapshot }: Candidate, pod: Pod): string | null {
  return snapshot.nodes.find((node) => node.name === pod.node)?.zone ?? null;
}

function distinct(pods: readonly Pod[], keyOf: (pod: Pod) => string | null): string[] {
  return [...new Set(pods.flatMap((pod) => keyOf(pod) ?? []))].toSorted();
}

function podTarget(fault: Fault, candidate: Candidate, pod: Pod): Possible {
  if (fault.kind === "pod-kill" && candidate.workload.kind === "StatefulSet") {
    return { why: "pod-kill on a StatefulSet can leave two pods with one identity" };
  }
  return { target: { ...base(candidate), pods: [refOf(pod)], node: pod.node, zone: zoneOf(candidate, pod) } };
}

function drainTarget(candidate: Candidate, node: string, eligible: readonly Candidate[]): Possible {
  const pods = candidate.snapshot.pods.filter((pod) => pod.node === node && moves(pod));
  const why = whyNotAll(pods, eligible);
  if (why !== null) return { why: `drain of node ${node}: ${why}` };
  const zone = candidate.snapshot.nodes.find((one) => one.name === node)?.zone ?? null;
  return { target: { ...base(candidate), pods: pods.map(refOf), node, zone } };
}

function zoneTarget(candidate: Candidate, zone: string, eligible: readonly Candidate[]): Possible {
  const { namespace } = candidate.workload;
  const pods = candidate.snapshot.pods.filter(
    (pod) => pod.namespace === namespace && zoneOf(candidate, pod) === zone && moves(pod),
  );
  const why = whyNotAll(pods, eligible);
  if (why !== null) return { why: `outage of zone ${zone}: ${why}` };
  return { target: { ...base(candidate), pods: pods.map(refOf), node: null, zone } };
}

function httpTarget(candidate: Candidate): Possible {
  if (candidate.workload.services.length === 0)
    return { why: "no Service stands before it, so there is no HTTP to fault" };
  return { target: { ...base(candidate), pods: [], node: null, zone: null } };
}

/** Pods that a drain moves: not those that a DaemonSet or a file on the node brings back at once, nor finished ones. */
const moves = (pod: Pod): boolean =>
  !pod.mirror && pod.workload.kind !== "DaemonSet" && pod.phase !== "Succeeded" && pod.phase !== "Failed";

/** Why these pods must not go at the same time, or null. */
function whyNotAll(pods: readonly Pod[], eligible: readonly Candidate[]): string | null {
  const byKey = new Map(eligible.map((one) => [workloadKey(one.workload), one]));
  for (const [key, hit] of Map.groupBy(pods, (pod) => workloadKey(pod.workload))) {
    const owner = byKey.get(key);
    if (owner === undefined) return `${key} may not be hit`;
    const bad = hit.find((pod) => whyNotPod(pod, owner) !== null);
    if (bad !== undefined) return `pod ${bad.name}: ${whyNotPod(bad, owner)}`;
    const allowed = allowedUnavailable(owner.policy.limits.maxUnavailable, owner.workload.replicas);
    if (hit.length > allowed) return `takes ${hit.length} pods of ${key}; maxUnavailable allows ${allowed}`;
    const spent = owner.workload.budgets.find((budget) => budget.disruptionsAllowed < hit.length);
    if (spent !== undefined)
      return `takes ${hit.length} pods of ${key}; budget ${spent.name} allows ${spent.disruptionsAllowed}`;
  }
  return null;
}
