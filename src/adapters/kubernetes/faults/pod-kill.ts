import { workloadName } from "../../../core/model/cluster.ts";
import type { KubernetesClient } from "../client/client.ts";
import { injectionResult } from "./deletion.ts";
import { type FaultHandler, nothingToUndo } from "./handler.ts";
import { onlyPod } from "./only-pod.ts";
import { deletePod } from "./pod-delete.ts";
import { wasAnyPodTaken } from "./pod-gone.ts";

/**
 * Deletes one pod with grace period 0: the API object goes at once, without word from the node.
 * Refused for StatefulSets, which could then have two pods of one identity
 * (https://kubernetes.io/docs/tasks/run-application/force-delete-stateful-set-pod/).
 */
export function podKill(client: KubernetesClient): FaultHandler {
  return {
    kinds: ["pod-kill"],
    async inject(order, signal) {
      const { workload } = order.target;
      if (workload.kind === "StatefulSet") {
        const why = `${workloadName(workload)} could get two pods of one identity: use pod-delete`;
        return { kind: "not-injected", why };
      }
      return injectionResult(await deletePod(client, onlyPod(order), signal, 0));
    },
    undo: nothingToUndo,
    wasDone: (order, signal) => wasAnyPodTaken(client, order, signal),
  };
}
