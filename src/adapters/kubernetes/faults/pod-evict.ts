import type { V1Eviction } from "@kubernetes/client-node";
import type { PodRef } from "../../../core/model/cluster.ts";
import type { InjectionOrder } from "../../../ports/faults.ts";
import type { KubernetesClient } from "../client/client.ts";
import { objectPath } from "../client/paths.ts";
import { type Attempt, attempt, deleteOptions, injectionResult } from "./deletion.ts";
import { type FaultHandler, nothingToUndo } from "./handler.ts";
import { onlyPod } from "./only-pod.ts";
import { wasAnyPodTaken } from "./pod-gone.ts";

/** Evicts one pod as a drain does: like a deletion, if the disruption budget allows it. */
export function podEvict(client: KubernetesClient): FaultHandler {
  return {
    kinds: ["pod-evict"],
    inject: async (order, signal) => injectionResult(await evictPod(client, order, onlyPod(order), signal)),
    undo: nothingToUndo,
    wasDone: (order, signal) => wasAnyPodTaken(client, order, signal),
  };
}

/** One eviction; `budget`, with its own words, when a disruption budget refuses. */
export function evictPod(
  client: KubernetesClient,
  { whyNot }: Pick<InjectionOrder, "whyNot">,
  pod: PodRef,
  signal: AbortSignal,
): Promise<Attempt> {
  const { namespace, name } = pod;
  const body: V1Eviction = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { namespace, name },
    deleteOptions: deleteOptions(pod),
  };
  const path = `${objectPath("pods", namespace, name)}/eviction`;
  return attempt(client, pod, () => client.request({ method: "POST", path, body, whyNot }, signal), signal);
}
