import type { V1Pod } from "@kubernetes/client-node";
import type { PodRef } from "../../../core/model/cluster.ts";
import { hasCode } from "../../../core/model/error.ts";
import type { InjectionOrder } from "../../../ports/faults.ts";
import type { KubernetesClient } from "../client/client.ts";
import { objectPath } from "../client/paths.ts";

/** Whether this very pod is terminating, gone, or replaced by one of the same name. */
export async function podIsGone(client: KubernetesClient, pod: PodRef, signal: AbortSignal): Promise<boolean> {
  const { namespace, name, uid } = pod;
  try {
    const now = await client.request<V1Pod>({ method: "GET", path: objectPath("pods", namespace, name) }, signal);
    return now.metadata?.uid !== uid || now.metadata.deletionTimestamp !== undefined;
  } catch (cause) {
    if (hasCode(cause, "cluster-gone")) return true;
    throw cause;
  }
}

/** Whether a pod that was there a moment ago is on its way out, or gone with its name. */
export async function isGoing(client: KubernetesClient, pod: PodRef, signal: AbortSignal): Promise<boolean> {
  const path = objectPath("pods", pod.namespace, pod.name);
  try {
    const { metadata } = await client.request<V1Pod>({ method: "GET", path }, signal);
    return metadata?.uid === pod.uid && metadata.deletionTimestamp !== undefined;
  } catch (cause) {
    if (hasCode(cause, "cluster-gone")) return true;
    throw cause;
  }
}

/**
 * `done` if any of the order's pods is gone: somebody did it, and it was most likely us. Only
 * reads.
 */
export async function wasAnyPodTaken(
  client: KubernetesClient,
  order: InjectionOrder,
  signal: AbortSignal,
): Promise<"done" | "not-done"> {
  const gone = await Promise.all(order.target.pods.map((pod) => podIsGone(client, pod, signal)));
  return gone.includes(true) ? "done" : "not-done";
}
