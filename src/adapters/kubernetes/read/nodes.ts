import type { V1Node } from "@kubernetes/client-node";
import type { ClusterNode } from "../../../core/model/cluster.ts";
import { type AftershockError, hasCode } from "../../../core/model/error.ts";
import type { KubernetesClient } from "../client/client.ts";
import { listAll } from "../client/lists.ts";

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesiozone */
export const ZONE_LABEL = "topology.kubernetes.io/zone";
const PRESSURES = ["MemoryPressure", "DiskPressure", "PIDPressure"];
/**
 * Conditions that are true when something is wrong, of Kubernetes, of the node problem detector and
 * of what clouds make of it; others are true when all is well.
 * https://github.com/kubernetes/node-problem-detector/tree/master/config
 */
const PROBLEM =
  /^NetworkUnavailable$|Deadlock$|Problem$|Unhealthy$|^Readonly|^ReadOnly|^Corrupt|^Frequent|^VMEventScheduled$/;

/**
 * All nodes, or why we may not read them: reports and shams need none, and what would be hit is
 * told.
 */
export async function readNodes(
  client: KubernetesClient,
  signal: AbortSignal,
): Promise<ClusterNode[] | AftershockError> {
  try {
    const all = await listAll(client, "nodes", null, signal);
    return all.items.map(toNode);
  } catch (cause) {
    if (hasCode(cause, "cluster-forbidden")) return cause;
    throw cause;
  }
}

function toNode({ metadata, spec, status }: V1Node): ClusterNode {
  const conditions = status?.conditions ?? [];
  const taints = (spec?.taints ?? []).map(({ key, value = "", effect }) => ({ key, value, effect }));
  const problems = conditions.filter((one) => PROBLEM.test(one.type) && one.status === "True").map((one) => one.type);
  return {
    name: metadata?.name ?? "",
    zone: metadata?.labels?.[ZONE_LABEL] ?? null,
    ready: conditions.some((one) => one.type === "Ready" && one.status === "True"),
    schedulable: spec?.unschedulable !== true,
    pressure: conditions.filter((one) => PRESSURES.includes(one.type) && one.status === "True").map((one) => one.type),
    labels: metadata?.labels ?? {},
    ...(taints.length === 0 ? {} : { taints }),
    ...(problems.length === 0 ? {} : { problems }),
    ...(metadata?.deletionTimestamp === undefined ? {} : { leaving: true as const }),
  };
}
