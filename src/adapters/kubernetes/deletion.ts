import type { V1DeleteOptions } from "@kubernetes/client-node";
import type { PodRef } from "../../core/model/cluster.ts";
import { AftershockError, hasCode } from "../../core/model/error.ts";
import type { InjectionResult } from "../../ports/faults.ts";
import { wasNeverSent } from "./errors.ts";

/**
 * What travels with every deletion, in the body: with a body the API server ignores the query entirely, so a grace period there would be lost.
 * The uid makes a late or repeated call harmless to a replacement of the same name.
 */
export function deleteOptions(pod: PodRef, gracePeriodSeconds?: number): V1DeleteOptions {
  return {
    apiVersion: "v1",
    kind: "DeleteOptions",
    preconditions: { uid: pod.uid },
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  };
}

/** Makes the call once, and tells apart what was refused (nothing happened) and what cannot be told (rejects). */
export async function attempt(pod: PodRef, call: () => Promise<unknown>): Promise<InjectionResult> {
  try {
    await call();
    return { kind: "injected" };
  } catch (cause) {
    const why = whyNotDone(pod, cause);
    if (why === null) throw cause;
    return { kind: "not-injected", why };
  }
}

function whyNotDone(pod: PodRef, cause: unknown): string | null {
  const name = `pod ${pod.namespace}/${pod.name}`;
  if (hasCode(cause, "cluster-gone")) return `${name} is already gone`;
  if (hasCode(cause, "cluster-conflict")) return `${name} was already replaced by another of the same name`;
  if (hasCode(cause, "budget-refused")) return `a disruption budget does not allow it: ${cause.message}`;
  if (hasCode(cause, "cluster-throttled") || hasCode(cause, "cluster-forbidden")) return withHint(cause);
  return wasNeverSent(cause) && cause instanceof AftershockError ? withHint(cause) : null;
}

const withHint = (error: AftershockError): string => (error.hint ? `${error.message} (${error.hint})` : error.message);
