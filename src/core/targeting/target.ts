import {
  type ClusterNode,
  type ClusterSnapshot,
  kindName,
  type Pod,
  type PodRef,
  type ServiceId,
  type Workload,
  workloadKey,
  workloadName,
} from "../model/cluster.ts";
import type { Fault, LostPods, Target } from "../model/fault.ts";
import { unreachable } from "../unreachable.ts";
import { whyNotEvicted, whyOverBudget } from "./checks/budgets.ts";
import { whyInCooldown } from "./checks/cooldown.ts";
import { couldTake, isKeptAway } from "./checks/placement.ts";
import { eligiblePods, whyNotPod } from "./checks/pods.ts";
import { allowedUnavailable, isDaemon } from "./checks/scope.ts";
import type { Candidate } from "./facts.ts";

/** Something that `fault` could hit, or why it cannot. */
export type Possible = { readonly target: Target } | { readonly why: string };

/**
 * Everything that `fault` could hit through this candidate: one entry a pod for pod faults, a node
 * for drains, a zone for outages, one for HTTP faults. `eligible` are all candidates that may be
 * hit now: a drain must not take a pod of any other workload of the snapshot with it.
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
      return [httpTarget(fault, candidate, eligible)];
    default:
      return unreachable(fault);
  }
}

const refOf = ({ namespace, name, uid }: Pod): PodRef => ({ namespace, name, uid });

const ownerOf = ({ workload: { kind, namespace, name } }: Candidate) => ({ kind, namespace, name });

/**
 * Services that lead to any of these pods: those are concerned, and not what leads to their
 * siblings alone.
 */
const servicesOf = (pods: readonly Pod[], { workload, snapshot }: Candidate): readonly ServiceId[] => [
  ...new Set(pods.flatMap((pod) => pod.services ?? owner(pod, workload, snapshot)?.services ?? [])),
];

const owner = (pod: Pod, own: Workload, { workloads }: ClusterSnapshot): Workload | undefined =>
  [own, ...workloads].find((one) => workloadKey(one) === workloadKey(pod.workload));

/** What each workload loses of the pods. */
const lostOf = (pods: readonly Pod[]): readonly LostPods[] =>
  [...Map.groupBy(pods, (pod) => workloadKey(pod.workload)).values()].map((own) => ({
    workload: own[0]!.workload,
    pods: own.map(({ uid }) => uid),
  }));

function zoneOf({ snapshot }: Candidate, pod: Pod): string | null {
  return snapshot.nodes.find((node) => node.name === pod.node)?.zone ?? null;
}

function distinct(pods: readonly Pod[], keyOf: (pod: Pod) => string | null): string[] {
  return [...new Set(pods.flatMap((pod) => keyOf(pod) ?? []))].toSorted();
}

function podTarget(fault: Fault, candidate: Candidate, pod: Pod): Possible {
  const { kind } = candidate.workload;
  if (fault.kind === "pod-kill" && (pod.fixedName === true || kind === "StatefulSet")) {
    return { why: `pod-kill on a ${kindName(kind)} can leave two pods with one identity` };
  }
  const stuck = fault.kind === "pod-evict" ? whyNotEvicted(pod, candidate.workload) : null;
  if (stuck !== null) return { why: `pod ${pod.name}: ${stuck}` };
  return { target: targetOf(candidate, [pod], { node: pod.node, zone: zoneOf(candidate, pod) }) };
}

function drainTarget(candidate: Candidate, node: string, eligible: readonly Candidate[]): Possible {
  const pods = candidate.snapshot.pods.filter((pod) => pod.node === node && moves(pod));
  const why = whyNotAll(pods, eligible) ?? whyNotDrained(pods, node, eligible);
  if (why !== null) return { why: `drain of node ${node}: ${why}` };
  const zone = candidate.snapshot.nodes.find((one) => one.name === node)?.zone ?? null;
  return { target: { ...targetOf(candidate, pods, { node, zone }), lost: lostOf(pods) } };
}

function zoneTarget(candidate: Candidate, zone: string, eligible: readonly Candidate[]): Possible {
  const { namespace } = candidate.workload;
  const pods = candidate.snapshot.pods.filter(
    (pod) => pod.namespace === namespace && zoneOf(candidate, pod) === zone && moves(pod),
  );
  const why = whyNotAll(pods, eligible) ?? whyNowhere(pods, candidate.snapshot, (node) => node.zone !== zone);
  if (why !== null) return { why: `outage of zone ${zone}: ${why}` };
  return { target: { ...targetOf(candidate, pods, { node: null, zone }), lost: lostOf(pods) } };
}

const targetOf = (
  candidate: Candidate,
  pods: readonly Pod[],
  place: { readonly node: string | null; readonly zone: string | null },
): Target => ({
  workload: ownerOf(candidate),
  services: servicesOf(pods, candidate),
  pods: pods.map(refOf),
  ...place,
});

function httpTarget(fault: Fault, candidate: Candidate, inScope: readonly Candidate[]): Possible {
  const { services } = candidate.workload;
  if (services.length === 0) return { why: "no Service stands before it, so there is no HTTP to fault" };
  const cooling = whyInCooldown(candidate, services);
  if (cooling !== null) return { why: cooling };
  const spared = sharedWith(candidate).find(
    (one) => !inScope.some((may) => workloadKey(may.workload) === workloadKey(one)),
  );
  if (spared !== undefined) return { why: `its Services also lead to ${workloadName(spared)}, which may not be hit` };
  const routed = candidate.facts.whyNotRouted?.(fault, services) ?? null;
  if (routed !== null) return { why: routed };
  return { target: { workload: ownerOf(candidate), services, pods: [], node: null, zone: null } };
}

/** Other workloads behind the candidate's Services: their requests would be hit, too. */
const sharedWith = ({ workload, snapshot }: Candidate): readonly Workload[] =>
  snapshot.workloads.filter(
    (one) =>
      workloadKey(one) !== workloadKey(workload) && one.services.some((service) => workload.services.includes(service)),
  );

/**
 * Pods that a drain moves: not those that a DaemonSet or a file on the node brings back at once,
 * nor finished ones.
 */
const moves = (pod: Pod): boolean =>
  !pod.mirror && !isDaemon(pod) && pod.phase !== "Succeeded" && pod.phase !== "Failed";

/** Why these pods must not go at the same time, or null. */
function whyNotAll(pods: readonly Pod[], eligible: readonly Candidate[]): string | null {
  const byKey = new Map(eligible.map((one) => [workloadKey(one.workload), one]));
  for (const [key, hit] of Map.groupBy(pods, (pod) => workloadKey(pod.workload))) {
    const owner = byKey.get(key);
    if (owner === undefined) return `${workloadName(hit[0]!.workload)} may not be hit`;
    const bad = hit.find((pod) => whyNotPod(pod, owner) !== null);
    if (bad !== undefined) return `pod ${bad.name}: ${whyNotPod(bad, owner)}`;
    const allowed = allowedUnavailable(owner.policy.limits.maxUnavailable, owner.workload.replicas);
    if (hit.length > allowed)
      return `takes ${hit.length} pods of ${workloadName(owner.workload)}; maxUnavailable allows ${allowed}`;
  }
  return whyOverBudget(
    pods.flatMap((pod) => {
      const owner = byKey.get(workloadKey(pod.workload));
      return owner === undefined ? [] : [{ pod, workload: owner.workload }];
    }),
  );
}

/**
 * What only a drain asks for: that each pod can be evicted, and that other nodes could take what
 * comes after it.
 */
function whyNotDrained(pods: readonly Pod[], drained: string, eligible: readonly Candidate[]): string | null {
  for (const pod of pods) {
    const owner = eligible.find((one) => workloadKey(one.workload) === workloadKey(pod.workload));
    const stuck = owner === undefined ? null : whyNotEvicted(pod, owner.workload);
    if (stuck !== null) return `pod ${pod.name}: ${stuck}`;
  }
  const [one] = eligible;
  const kept = one?.snapshot.nodes.find((node) => node.name === drained)?.kept;
  if (kept !== undefined) return `it asks not to be disrupted (${kept})`;
  return one === undefined ? null : whyNowhere(pods, one.snapshot, (node) => node.name !== drained);
}

const staysRunning = ({ uid, terminating, phase }: Pod, going: ReadonlySet<string>): boolean =>
  !going.has(uid) && !terminating && phase !== "Succeeded" && phase !== "Failed";

/** Why a pod's replacement would have no node among those that are left, or null. */
function whyNowhere(
  pods: readonly Pod[],
  { nodes, pods: all }: ClusterSnapshot,
  isLeft: (node: ClusterNode) => boolean,
): string | null {
  const left = nodes.filter(isLeft);
  const going = new Set(pods.map(({ uid }) => uid));
  const staying = pods.some(({ apart }) => apart !== undefined) ? all.filter((pod) => staysRunning(pod, going)) : [];
  const stranded = pods.find(
    (pod) => !left.some((node) => couldTake(node, pod) && !isKeptAway(node, pod, staying, nodes)),
  );
  return stranded === undefined ? null : `no other schedulable node could take the replacement of pod ${stranded.name}`;
}
