import type { KubernetesClient } from "./client.ts";
import { attempt, deleteOptions } from "./deletion.ts";
import { type FaultHandler, nothingToUndo } from "./fault.ts";
import { onlyPod } from "./only-pod.ts";
import { wasAnyPodTaken } from "./pod-gone.ts";

/** Deletes one pod as `kubectl delete pod` does: SIGTERM, its own grace period, no look at disruption budgets. */
export function podDelete(client: KubernetesClient): FaultHandler {
  return {
    kinds: ["pod-delete"],
    async inject(order, signal) {
      const pod = onlyPod(order);
      const { namespace, name } = pod;
      const body = deleteOptions(pod);
      return attempt(pod, () =>
        client.call(signal, (options) => client.core.deleteNamespacedPod({ namespace, name, body }, options)),
      );
    },
    undo: nothingToUndo,
    wasDone: (order, signal) => wasAnyPodTaken(client, order, signal),
  };
}
