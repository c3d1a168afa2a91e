import { type ClusterNode, type Pod, workloadKey } from "../../model/cluster.ts";
import type { Candidate, Check } from "../facts.ts";
import { EXEMPT_KEY } from "./scope.ts";

/** Why a node is no place to experiment on, or null. A node that is not in the snapshot is one that cannot be judged. */
export function whyNotNode(node: ClusterNode | undefined, name: string): string | null {
  if (node === undefined) return `node ${name} was not found`;
  if (!node.ready) return `node ${name} is not ready`;
  return node.pressure.length > 0 ? `node ${name} has ${node.pressure.join(", ")}` : null;
}

/** Why this pod must not be hit, or null. */
export function whyNotPod(pod: Pod, { workload, snapshot, policy }: Omit<Candidate, "pods" | "facts">): string | null {
  if (pod.mirror) return "it is the mirror of a static pod: deleting it stops nothing";
  if (workloadKey(pod.workload) !== workloadKey(workload)) return "it has another owner";
  if (pod.terminating) return "it is terminating";
  if (pod.phase !== "Running") return `it is ${pod.phase}`;
  if (!pod.ready) return "it is not ready";
  const sinceMs = pod.readySinceMs ?? pod.createdAtMs;
  if (snapshot.takenAtMs - sinceMs < policy.limits.minAgeMs) return "it has only just become ready";
  if ((pod.labels[EXEMPT_KEY] ?? pod.annotations[EXEMPT_KEY] ?? "false") !== "false")
    return `it is marked ${EXEMPT_KEY}`;
  if (pod.node === null) return "it is on no node";
  return whyNotNode(
    snapshot.nodes.find((node) => node.name === pod.node),
    pod.node,
  );
}

/** The workload's pods that may be hit. */
export const eligiblePods = (candidate: Candidate): Pod[] =>
  candidate.pods.filter((pod) => whyNotPod(pod, candidate) === null);

export const hasPod: Check = (candidate) => {
  if (candidate.workload.replicas === 0) return null;
  if (candidate.pods.length === 0) return "it has no pod";
  const reasons = candidate.pods.map((pod) => [pod.name, whyNotPod(pod, candidate)] as const);
  if (reasons.some(([, why]) => why === null)) return null;
  return `none of its pods may be hit: ${reasons.map(([name, why]) => `${name}: ${why}`).join("; ")}`;
};
