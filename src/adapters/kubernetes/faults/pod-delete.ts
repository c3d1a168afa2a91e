import type { PodRef } from "../../../core/model/cluster.ts";
import type { KubernetesClient } from "../client/client.ts";
import { objectPath } from "../client/paths.ts";
import { type Attempt, attempt, deleteOptions, injectionResult } from "./deletion.ts";
import { type FaultHandler, nothingToUndo } from "./handler.ts";
import { onlyPod } from "./only-pod.ts";
import { wasAnyPodTaken } from "./pod-gone.ts";

/** Deletes one pod as `kubectl delete pod` does: SIGTERM, its own grace period, no look at disruption budgets. */
export function podDelete(client: KubernetesClient): FaultHandler {
  return {
    kinds: ["pod-delete"],
    inject: async (order, signal) => injectionResult(await deletePod(client, onlyPod(order), signal)),
    undo: nothingToUndo,
    wasDone: (order, signal) => wasAnyPodTaken(client, order, signal),
  };
}

/** One deletion of exactly this incarnation; without `gracePeriodSeconds` with the grace period that the pod asks for. */
export function deletePod(
  client: KubernetesClient,
  pod: PodRef,
  signal: AbortSignal,
  gracePeriodSeconds?: number,
): Promise<Attempt> {
  const path = objectPath("pods", pod.namespace, pod.name);
  const body = deleteOptions(pod, gracePeriodSeconds);
  return attempt(pod, () => client.request({ method: "DELETE", path, body }, signal));
}
