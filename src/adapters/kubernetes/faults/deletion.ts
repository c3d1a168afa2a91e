import type { V1DeleteOptions } from "@kubernetes/client-node";
import type { PodRef } from "../../../core/model/cluster.ts";
import { AftershockError, describeError, type ErrorCode, hasCode } from "../../../core/model/error.ts";
import type { InjectionResult } from "../../../ports/faults.ts";
import type { KubernetesClient } from "../client/client.ts";
import { wasNeverSent } from "../client/errors.ts";
import { isGoing } from "./pod-gone.ts";

/**
 * What travels with every deletion, in the body: with a body the API server ignores the query
 * entirely, so a grace period there would be lost. The uid makes a late or repeated call harmless
 * to a replacement of the same name, the version one to a pod that changed since it was looked at.
 */
export function deleteOptions(pod: PodRef, gracePeriodSeconds?: number): V1DeleteOptions {
  return {
    apiVersion: "v1",
    kind: "DeleteOptions",
    preconditions: {
      uid: pod.uid,
      ...(pod.resourceVersion === undefined ? {} : { resourceVersion: pod.resourceVersion }),
    },
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  };
}

/**
 * How one call ended when it is certain. `gone`: the pod was no longer there; `budget`: may be
 * asked again later.
 */
export type Attempt =
  | { readonly kind: "done" }
  | { readonly kind: "gone" | "budget" | "refused"; readonly why: string };

/**
 * Makes the call once, and tells apart what was refused (nothing happened) and what cannot be told
 * (rejects). A conflict over a pod that is going or gone by now cannot be told: a proxy on the
 * way may have sent the request twice, and this is the answer to the copy.
 */
export async function attempt(
  client: KubernetesClient,
  pod: PodRef,
  call: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<Attempt> {
  try {
    await call();
    return { kind: "done" };
  } catch (cause) {
    if (hasCode(cause, "cluster-conflict") && (await isGoing(client, pod, signal).catch(() => true))) throw cause;
    const refusal = refusalOf(pod, cause);
    if (refusal === null) throw cause;
    return refusal;
  }
}

function refusalOf(pod: PodRef, cause: unknown): Attempt | null {
  const name = `pod ${pod.namespace}/${pod.name}`;
  if (hasCode(cause, "cluster-gone")) return { kind: "gone", why: `${name} is already gone` };
  if (hasCode(cause, "cluster-conflict")) {
    return { kind: "gone", why: `${name} changed since it was looked at, or was replaced by another of the same name` };
  }
  if (hasCode(cause, "budget-refused")) {
    return { kind: "budget", why: `a disruption budget does not allow it: ${cause.message}` };
  }
  return isCertainNo(cause) ? { kind: "refused", why: describeError(cause) } : null;
}

/** Whether it is certain that the request that failed with this did nothing. */
export const isCertainNo = (cause: unknown): cause is AftershockError =>
  cause instanceof AftershockError && (REFUSALS.includes(cause.code) || wasNeverSent(cause));

const REFUSALS: readonly ErrorCode[] = [
  "cluster-refused",
  "cluster-forbidden",
  "cluster-throttled",
  "budget-refused",
  "order-stale",
];

/** What the port says of one attempt. */
export function injectionResult(result: Attempt): InjectionResult {
  return result.kind === "done" ? { kind: "injected" } : { kind: "not-injected", why: result.why };
}
