import type { ClusterNode, Pod } from "../../model/cluster.ts";
import type { NodeRequirement, Placement, Taint, Toleration } from "../../model/placement.ts";
import { meetsOperator } from "../set-operator.ts";

/**
 * Taints of a node that is on its way out or in trouble, whoever tolerates them: Kubernetes' own,
 * Karpenter's, the cluster autoscaler's, and those of the clouds' termination handlers.
 * https://kubernetes.io/docs/reference/labels-annotations-taints/,
 * https://karpenter.sh/docs/concepts/disruption/
 */
const REMOVAL = [
  /^node\.kubernetes\.io\//,
  /^node\.cloudprovider\.kubernetes\.io\/shutdown$/,
  /^karpenter\.sh\/disrupt/,
  /^(ToBeDeletedBy|DeletionCandidateOf)ClusterAutoscaler$/,
  /^aws-node-termination-handler\//,
  /^cloud\.google\.com\/impending-node-termination$/,
  /^remediator\.aks\.microsoft\.com\/unschedulable$/,
  /^medik8s\.io\/drain$/,
  /^node-?problem/i,
];

const NOWHERE: Placement = { tolerations: [], selector: {}, terms: [] };

/** Why a pod should not be taken from this node: somebody is emptying it. Null: nobody is. */
export function whyEmptied(node: ClusterNode, pod: Pod): string | null {
  if (node.leaving === true) return `node ${node.name} is being deleted`;
  if (node.workedOn !== undefined) return `node ${node.name} is being worked on (${node.workedOn})`;
  const taint = (node.taints ?? []).find(
    (one) => (isRemoval(one) && !isCordon(one)) || (keepsOut(one) && !isCordon(one) && !isTolerated(pod, one)),
  );
  if (taint !== undefined) return `node ${node.name} has the taint ${describeTaint(taint)}`;
  return node.schedulable ? null : `node ${node.name} is cordoned`;
}

/**
 * Whether the scheduler could put the pod's replacement there, as far as nodes and the pod's own
 * spec say.
 */
export function couldTake(node: ClusterNode, pod: Pod): boolean {
  const { selector, terms } = pod.placement ?? NOWHERE;
  if (!node.ready || whyEmptied(node, pod) !== null) return false;
  const labelled = Object.entries(selector).every(([key, value]) => node.labels[key] === value);
  return (
    labelled && (terms.length === 0 || terms.some((term) => term.length > 0 && term.every((one) => meets(node, one))))
  );
}

/**
 * Whether a pod that stays keeps this one away from the node by required anti-affinity.
 * @param others the pods that stay
 */
export function isKeptAway(
  node: ClusterNode,
  pod: Pod,
  others: readonly Pod[],
  nodes: readonly ClusterNode[],
): boolean {
  return (pod.apart ?? []).some(({ topologyKey, labels }) => {
    const place = node.labels[topologyKey];
    const sameplace = new Set(nodes.filter((one) => one.labels[topologyKey] === place).map((one) => one.name));
    return (
      place !== undefined &&
      others.some(
        (one) =>
          one.namespace === pod.namespace &&
          one.node !== null &&
          sameplace.has(one.node) &&
          labels.every((need) => holds(one.labels[need.key], need)),
      )
    );
  });
}

const isRemoval = ({ key }: Taint): boolean => REMOVAL.some((pattern) => pattern.test(key));
/** What a cordon leaves; told as such. */
const isCordon = ({ key }: Taint): boolean => key === "node.kubernetes.io/unschedulable";
const keepsOut = ({ effect }: Taint): boolean => effect === "NoSchedule" || effect === "NoExecute";

const describeTaint = ({ key, value, effect }: Taint): string => `${key}${value === "" ? "" : `=${value}`}:${effect}`;

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
function isTolerated({ placement }: Pod, taint: Taint): boolean {
  const matches = ({ key, operator = "Equal", value = "", effect }: Toleration): boolean =>
    (effect === undefined || effect === taint.effect) &&
    (key === undefined ? operator === "Exists" : key === taint.key) &&
    (operator === "Exists" || value === taint.value);
  return (placement?.tolerations ?? []).some(matches);
}

/**
 * `metadata.name` is the one field that a term may name. What is not understood is taken not to
 * hold.
 */
const meets = (node: ClusterNode, need: NodeRequirement): boolean =>
  holds(need.key === "metadata.name" ? node.name : node.labels[need.key], need);

function holds(value: string | undefined, { operator, values }: NodeRequirement): boolean {
  if (operator === "Gt") return Number(value) > Number(values[0]);
  if (operator === "Lt") return Number(value) < Number(values[0]);
  return meetsOperator(value, operator, values) ?? false;
}
