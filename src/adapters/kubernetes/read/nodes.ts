import type { V1Node } from "@kubernetes/client-node";
import type { ClusterNode } from "../../../core/model/cluster.ts";
import { type AftershockError, hasCode } from "../../../core/model/error.ts";
import { keptBy } from "../../../core/targeting/checks/scope.ts";
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

/**
 * Said on a node while it is updated or about to be rebooted, by OpenShift's machine configuration
 * and by kured, before and after it is cordoned.
 */
const WORK: readonly (readonly [string, (value: string) => boolean])[] = [
  ["machineconfiguration.openshift.io/state", (value) => value !== "Done"],
  ["weave.works/kured-reboot-in-progress", () => true],
];

function workOn(annotations: Readonly<Record<string, string>>): string | undefined {
  const key = WORK.find(([one, holds]) => annotations[one] !== undefined && holds(annotations[one]))?.[0];
  return key === undefined ? undefined : `${key}: ${annotations[key]}`;
}

function toNode({ metadata, spec, status }: V1Node): ClusterNode {
  const conditions = status?.conditions ?? [];
  const taints = (spec?.taints ?? []).map(({ key, value = "", effect }) => ({ key, value, effect }));
  const workedOn = workOn(metadata?.annotations ?? {});
  const kept = keptBy(metadata?.annotations ?? {});
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
    ...(workedOn === undefined ? {} : { workedOn }),
    ...(kept === null ? {} : { kept }),
  };
}
