import { type ClusterNode, type ClusterSnapshot, type Pod, workloadKey } from "../../model/cluster.ts";
import type { Candidate, Check } from "../facts.ts";
import { formatRequirement, selects } from "../selector.ts";
import { budgetsAllow, whyNotBudget } from "./budgets.ts";
import { cooledDown, whyInCooldown } from "./cooldown.ts";
import { couldTake, whyEmptied } from "./placement.ts";
import { exemptBy, keptBy } from "./scope.ts";

/**
 * Why a node is no place to experiment on, or null. A node that is not in the snapshot is one that
 * cannot be judged, unless the configuration leaves nodes out.
 */
export function whyNotNode({ nodes, unread, withoutNodes }: ClusterSnapshot, name: string): string | null {
  if (withoutNodes === true) return null;
  const node = nodes.find((one) => one.name === name);
  if (node !== undefined) return whyUnwell(node);
  return unread?.nodes === undefined
    ? `node ${name} was not found`
    : `cannot tell how node ${name} is: ${unread.nodes}`;
}

function whyUnwell({ name, ready, pressure, problems = [] }: ClusterNode): string | null {
  if (!ready) return `node ${name} is not ready`;
  const trouble = [...pressure, ...problems];
  return trouble.length > 0 ? `node ${name} has ${trouble.join(", ")}` : null;
}

/** Why a node under these pods is no place to experiment on, or null. */
export const whyNotNodes = (snapshot: ClusterSnapshot, pods: readonly Pod[]): string | null =>
  [...new Set(pods.flatMap((pod) => pod.node ?? []))]
    .map((name) => whyNotNode(snapshot, name))
    .find((why) => why !== null) ?? null;

/** Why this pod must not be hit, or null. */
export const whyNotPod = (pod: Pod, candidate: Candidate): string | null =>
  whyNotItself(pod, candidate) ?? whyProtected(pod, candidate);

/** What speaks against the pod besides what protects it together with others. */
function whyNotItself(pod: Pod, { workload, snapshot, policy }: Candidate): string | null {
  if (pod.mirror) return "it is the mirror of a static pod: deleting it stops nothing";
  if (workloadKey(pod.workload) !== workloadKey(workload)) return "it has another owner";
  if (pod.terminating) return "it is terminating";
  if (pod.phase !== "Running") return `it is ${pod.phase}`;
  if (!pod.ready) return "it is not ready";
  const sinceMs = pod.readySinceMs ?? pod.createdAtMs;
  if (snapshot.takenAtMs - sinceMs < policy.limits.minAgeMs) return "it has only just become ready";
  const exempt = exemptBy(pod.labels, pod.annotations);
  if (exempt !== undefined) return `it is marked ${exempt}`;
  const kept = keptBy(pod.annotations);
  if (kept !== null) return `it asks not to be disrupted (${kept})`;
  const stage = pod.labels[KRUISE_STATE];
  if (stage !== undefined && stage !== "Normal" && stage !== "Updated")
    return `OpenKruise is about to change it (${KRUISE_STATE}: ${stage})`;
  const { excludeLabels } = policy.target;
  if (excludeLabels.length > 0 && selects(excludeLabels, pod.labels))
    return `it has the labels that the policy excludes (${excludeLabels.map(formatRequirement).join(",")})`;
  if (workload.onDelete !== undefined && pod.labels[REVISION_LABEL] !== workload.onDelete)
    return "its replacement would have a newer template (update strategy OnDelete)";
  if (pod.node === null) return "it is on no node";
  return whyNotNode(snapshot, pod.node) ?? whyNoReplacement(pod, snapshot);
}

/**
 * Absent, `Normal` or `Updated` when nothing is done to the pod:
 * https://openkruise.io/docs/user-manuals/cloneset#lifecycle-hook
 */
const KRUISE_STATE = "lifecycle.apps.kruise.io/state";

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#controller-revision-hash */
const REVISION_LABEL = "controller-revision-hash";

/** Somebody empties its node, or nowhere is there a node for what comes after it. */
function whyNoReplacement(pod: Pod, { nodes, withoutNodes }: ClusterSnapshot): string | null {
  if (withoutNodes === true) return null;
  const own = nodes.find((node) => node.name === pod.node);
  const emptied = own === undefined ? null : whyEmptied(own, pod);
  if (emptied !== null) return emptied;
  return nodes.some((node) => couldTake(node, pod)) ? null : "no schedulable node could take its replacement";
}

/** Budgets and cooldowns of the Services that lead to this very pod. */
const whyProtected = (pod: Pod, candidate: Candidate): string | null =>
  whyNotBudget(pod, candidate.workload) ?? whyInCooldown(candidate, pod.services ?? candidate.workload.services);

/** The workload's pods that may be hit. */
export const eligiblePods = (candidate: Candidate): Pod[] =>
  candidate.pods.filter((pod) => whyNotPod(pod, candidate) === null);

/** A pod of a workload that may be hit, and why this one may not. */
export interface SparedPod {
  readonly name: string;
  readonly whyNot: string;
}

/**
 * The workload's pods that may not be hit, each with its reason: another one's budget or node says
 * nothing of them.
 */
export const sparedPods = (candidate: Candidate): SparedPod[] =>
  candidate.pods.flatMap((pod) => {
    const whyNot = whyNotPod(pod, candidate);
    return whyNot === null ? [] : [{ name: pod.name, whyNot }];
  });

/**
 * The nodes under its pods are well: those that are left must carry the load. Where no pod may be
 * hit anyway, that is told.
 */
export const nodesWell: Check = (candidate) =>
  eligiblePods(candidate).length === 0 ? null : whyNotNodes(candidate.snapshot, candidate.pods);

export const hasPod: Check = (candidate) => {
  if (candidate.workload.replicas === 0) return null;
  if (candidate.pods.length === 0) return "it has no pod";
  const spared = sparedPods(candidate);
  if (spared.length < candidate.pods.length) return null;
  // what protects all of them is told once, of the workload
  const told = budgetsAllow(candidate) !== null || cooledDown(candidate) !== null;
  if (told && candidate.pods.some((pod) => whyNotItself(pod, candidate) === null)) return null;
  return `none of its pods may be hit: ${spared.map(({ name, whyNot }) => `${name}: ${whyNot}`).join("; ")}`;
};
