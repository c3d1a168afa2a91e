import { workloadName } from "../../core/model/cluster.ts";
import type { KubernetesClient } from "./client.ts";
import { attempt, deleteOptions } from "./deletion.ts";
import { type FaultHandler, nothingToUndo } from "./fault.ts";
import { onlyPod } from "./only-pod.ts";
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
        return {
          kind: "not-injected",
          why: `${workloadName(workload)} could get two pods of one identity: use pod-delete`,
        };
      }
      const pod = onlyPod(order);
      const { namespace, name } = pod;
      const body = deleteOptions(pod, 0);
      return attempt(pod, () =>
        client.call(signal, (options) => client.core.deleteNamespacedPod({ namespace, name, body }, options)),
      );
    },
    undo: nothingToUndo,
    wasDone: (order, signal) => wasAnyPodTaken(client, order, signal),
  };
}
