import type { V1Node } from "@kubernetes/client-node";
import type { ClusterNode } from "../../../core/model/cluster.ts";
import { hasCode } from "../../../core/model/error.ts";
import type { KubernetesClient } from "../client/client.ts";
import { listAll } from "../client/lists.ts";

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesiozone */
export const ZONE_LABEL = "topology.kubernetes.io/zone";
const PRESSURES = ["MemoryPressure", "DiskPressure", "PIDPressure"];

/** All nodes; empty when we may not read them: rights in namespaces alone are enough to work. */
export async function readNodes(client: KubernetesClient, signal: AbortSignal): Promise<ClusterNode[]> {
  try {
    const all = await listAll(client, "nodes", null, signal);
    return all.items.map(toNode);
  } catch (cause) {
    if (hasCode(cause, "cluster-forbidden")) return [];
    throw cause;
  }
}

function toNode({ metadata, spec, status }: V1Node): ClusterNode {
  const conditions = status?.conditions ?? [];
  return {
    name: metadata?.name ?? "",
    zone: metadata?.labels?.[ZONE_LABEL] ?? null,
    ready: conditions.some((one) => one.type === "Ready" && one.status === "True"),
    schedulable: spec?.unschedulable !== true,
    pressure: conditions.filter((one) => PRESSURES.includes(one.type) && one.status === "True").map((one) => one.type),
    labels: metadata?.labels ?? {},
  };
}
