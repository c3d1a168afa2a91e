import { isForeign, kindName, type Pod, type WorkloadKind } from "../../model/cluster.ts";
import { marksOf } from "../../model/marks.ts";
import type { MaxUnavailable } from "../../model/policy.ts";
import type { Check } from "../facts.ts";
import { matchesPattern, selects } from "../selector.ts";

/**
 * The key under which these labels or annotations say that their object is never hit, whatever a
 * policy says (any value but `false`), or undefined.
 */
export const exemptBy = (...maps: readonly Readonly<Record<string, string>>[]): string | undefined =>
  marksOf("exempt", ...maps).find(({ value }) => value !== "false")?.key;

/**
 * Annotations by which people ask the autoscalers of nodes not to disrupt a pod.
 * https://karpenter.sh/docs/concepts/disruption/#pod-level-controls,
 * https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
 */
const KEPT: Readonly<Record<string, (value: string) => boolean>> = {
  "karpenter.sh/do-not-disrupt": (value) => value !== "false",
  "karpenter.sh/do-not-evict": (value) => value !== "false",
  "cluster-autoscaler.kubernetes.io/safe-to-evict": (value) => value === "false",
};

/** The annotation by which a pod or a node asks not to be disrupted, as `key: value`, or null. */
export function keptBy(annotations: Readonly<Record<string, string>>): string | null {
  const key = Object.keys(KEPT).find((one) => annotations[one] !== undefined && KEPT[one]?.(annotations[one]));
  return key === undefined ? null : `${key}: ${annotations[key]}`;
}

/**
 * Why a policy that names `namespaces` must not touch `namespace`, or null. Protected ones must be
 * named in full.
 */
function whyNotNamespace(
  namespaces: readonly string[],
  protectedNamespaces: readonly string[],
  namespace: string,
): string | null {
  if (namespaces.includes(namespace)) return null;
  if (!namespaces.some((pattern) => matchesPattern(pattern, namespace))) {
    return `namespace ${namespace} is not one of the policy's`;
  }
  return protectedNamespaces.some((pattern) => matchesPattern(pattern, namespace))
    ? `namespace ${namespace} is protected: a policy must name it in full`
    : null;
}

export const inNamespace: Check = ({ workload, policy, facts }) =>
  whyNotNamespace(policy.target.namespaces, facts.protectedNamespaces, workload.namespace);

export const named: Check = ({ workload, policy }) =>
  policy.target.names.length === 0 || policy.target.names.includes(workload.name)
    ? null
    : "not among the policy's names";

/** Kubernetes' own, OpenKruise's, and whatever else pins each of its pods to a node of its own. */
export const isDaemon = ({ workload: { kind }, placement }: Pick<Pod, "workload" | "placement">): boolean =>
  kind.split(".")[0] === "DaemonSet" ||
  (isForeign(kind) && (placement?.terms ?? []).some((term) => term.some(({ key }) => key === "metadata.name")));

const WHY_OPT_IN: Readonly<Partial<Record<WorkloadKind, string>>> = {
  DaemonSet: "its pod comes back on the same node and serves that node alone",
  Job: "its work would be done again",
  CronJob: "its work would be done again",
  Pod: "a bare pod never comes back",
};

/**
 * `Other` stands for every owner that is none of Kubernetes' own; where its pods end by themselves
 * (workflows), `Job` must be there too, and `DaemonSet` where each belongs to one node.
 */
export const ofKind: Check = ({ workload, policy, pods }) => {
  const { kinds } = policy.target;
  if (kinds.includes(workload.kind)) return null;
  const like = pods.some((pod) => pod.ends === true) ? "Job" : pods.some(isDaemon) ? "DaemonSet" : null;
  if (isForeign(workload.kind) && kinds.includes("Other") && (like === null || kinds.includes(like))) return null;
  const why = WHY_OPT_IN[workload.kind] ?? WHY_OPT_IN[like ?? ""];
  return `kind ${kindName(workload.kind)} is not in the policy's kinds${why === undefined ? "" : ` (${why})`}`;
};

export const labelled: Check = ({ workload, policy }) =>
  selects(policy.target.labels, workload.labels) ? null : "its labels do not match the policy's";

export const notExempt: Check = ({ workload, policy, snapshot }) => {
  const namespace = snapshot.namespaces.find((one) => one.name === workload.namespace);
  const excluded = policy.target.excludeLabels;
  for (const [what, thing] of [
    ["it", workload],
    ["its namespace", namespace],
  ] as const) {
    if (thing === undefined) continue;
    const key = exemptBy(thing.labels, thing.annotations);
    if (key !== undefined) return `${what} is marked ${key}`;
    if (excluded.length === 0) continue;
    if (selects(excluded, thing.labels)) return `${what} has the labels that the policy excludes`;
    if (selects(excluded, thing.annotations)) return `${what} has the annotations that the policy excludes`;
  }
  return null;
};

export const replicaRule: Check = ({ workload, policy }) => {
  if (workload.replicas === 0) return "0 replicas are asked for";
  const { singleReplica } = policy.limits;
  if (singleReplica === "skip" && workload.replicas === 1) {
    return "one replica only (singleReplica: skip); hitting it is an outage by design";
  }
  return singleReplica === "only" && workload.replicas > 1
    ? `${workload.replicas} replicas (singleReplica: only)`
    : null;
};

/**
 * Pods that may be missing at once: percentages are rounded up, as a PodDisruptionBudget's
 * `maxUnavailable` is.
 */
export function allowedUnavailable(max: MaxUnavailable, replicas: number): number {
  return max.unit === "pods" ? max.value : Math.ceil((max.value / 100) * replicas);
}

export const someMayBeMissing: Check = ({ workload, policy }) =>
  workload.replicas > 0 && allowedUnavailable(policy.limits.maxUnavailable, workload.replicas) < 1
    ? "maxUnavailable allows no pod to be missing"
    : null;
