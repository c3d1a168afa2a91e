import type { PodRef } from "../../../core/model/cluster.ts";
import type { InjectionOrder } from "../../../ports/faults.ts";
import type { KubernetesClient } from "../client/client.ts";
import { objectPath } from "../client/paths.ts";
import { type Attempt, attempt, deleteOptions, injectionResult } from "./deletion.ts";
import { type FaultHandler, nothingToUndo } from "./handler.ts";
import { onlyPod } from "./only-pod.ts";
import { wasAnyPodTaken } from "./pod-gone.ts";

/**
 * Deletes one pod as `kubectl delete pod` does: SIGTERM, its own grace period, no look at
 * disruption budgets.
 */
export function podDelete(client: KubernetesClient): FaultHandler {
  return {
    kinds: ["pod-delete"],
    inject: async (order, signal) => injectionResult(await deletePod(client, order, onlyPod(order), signal)),
    undo: nothingToUndo,
    wasDone: (order, signal) => wasAnyPodTaken(client, order, signal),
  };
}

/**
 * One deletion of exactly this incarnation, if the order still holds; without `gracePeriodSeconds`
 * with the grace period that the pod asks for.
 */
export function deletePod(
  client: KubernetesClient,
  { whyNot }: Pick<InjectionOrder, "whyNot">,
  pod: PodRef,
  signal: AbortSignal,
  gracePeriodSeconds?: number,
): Promise<Attempt> {
  const path = objectPath("pods", pod.namespace, pod.name);
  const body = deleteOptions(pod, gracePeriodSeconds);
  return attempt(client, pod, () => client.request({ method: "DELETE", path, body, whyNot }, signal), signal);
}
