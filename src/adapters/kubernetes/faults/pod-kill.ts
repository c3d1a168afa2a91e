import type { V1Pod } from "@kubernetes/client-node";
import { isForeign, type PodRef, type WorkloadRef, workloadName } from "../../../core/model/cluster.ts";
import { hasCode } from "../../../core/model/error.ts";
import type { KubernetesClient } from "../client/client.ts";
import { objectPath } from "../client/paths.ts";
import { hasFixedName } from "../read/pod.ts";
import { injectionResult } from "./deletion.ts";
import { type FaultHandler, nothingToUndo } from "./handler.ts";
import { onlyPod } from "./only-pod.ts";
import { deletePod } from "./pod-delete.ts";
import { wasAnyPodTaken } from "./pod-gone.ts";

/**
 * Deletes one pod with grace period 0: the API object goes at once, without word from the node.
 * Refused for StatefulSets and what behaves like one, which could then have two pods of one
 * identity (https://kubernetes.io/docs/tasks/run-application/force-delete-stateful-set-pod/).
 */
export function podKill(client: KubernetesClient): FaultHandler {
  return {
    kinds: ["pod-kill"],
    async inject(order, signal) {
      const { workload } = order.target;
      const pod = onlyPod(order);
      if (await sharesIdentity(client, workload, pod, signal)) {
        const why = `${workloadName(workload)} could get two pods of one identity: use pod-delete`;
        return { kind: "not-injected", why };
      }
      return injectionResult(await deletePod(client, order, pod, signal, 0));
    },
    undo: nothingToUndo,
    wasDone: (order, signal) => wasAnyPodTaken(client, order, signal),
  };
}

/** Of an owner that is none of Kubernetes' own only the pod itself tells. */
async function sharesIdentity(
  client: KubernetesClient,
  { kind }: WorkloadRef,
  { namespace, name }: PodRef,
  signal: AbortSignal,
): Promise<boolean> {
  if (!isForeign(kind)) return kind === "StatefulSet";
  try {
    const now = await client.request<V1Pod>({ method: "GET", path: objectPath("pods", namespace, name) }, signal);
    return hasFixedName(now.metadata, kind);
  } catch (cause) {
    if (hasCode(cause, "cluster-gone")) return false; // the deletion says so, too
    throw cause;
  }
}
