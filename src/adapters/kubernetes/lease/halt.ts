import { hasCode } from "../../../core/model/error.ts";
import type { HaltSwitch } from "../../../ports/lease.ts";
import type { KubernetesClient } from "../client/client.ts";
import { collectionPath, objectPath } from "../client/paths.ts";
import { HALT_ANNOTATION, readHalt, writeHalt } from "./lease-notes.ts";
import { newLease } from "./lease-object.ts";
import { type LeaseStore, leaseStore } from "./lease-store.ts";

/**
 * The halt switch: an annotation on the lease, written by merge patch without a version, so that it
 * wins over whoever renews at the same time. Works when nobody holds the lease; the object is then
 * made.
 */
export function haltSwitch(
  client: KubernetesClient,
  at: { readonly namespace: string; readonly name: string },
  store: Pick<LeaseStore, "read" | "heardSince"> = leaseStore(client, at, () => performance.now()),
): HaltSwitch {
  const { namespace, name } = at;
  const path = objectPath("leases", namespace, name);
  const annotate = (value: string | null, signal: AbortSignal): Promise<object> => {
    const body = { metadata: { annotations: { [HALT_ANNOTATION]: value } } };
    return client.request({ method: "PATCH", path, body }, signal);
  };
  return {
    async read(signal, sinceMs = Number.POSITIVE_INFINITY) {
      const heard = store.heardSince(sinceMs);
      return readHalt(heard === undefined ? await store.read(signal) : heard);
    },
    async halt(halt, signal) {
      const text = writeHalt(halt);
      if (await unlessGone(annotate(text, signal))) return;
      const body = newLease({ namespace, name, annotations: { [HALT_ANNOTATION]: text } });
      try {
        await client.request({ method: "POST", path: collectionPath("leases", namespace), body }, signal);
      } catch (cause) {
        if (!hasCode(cause, "cluster-conflict")) throw cause;
        await annotate(text, signal); // somebody made it between our two requests
      }
    },
    async resume(signal) {
      await unlessGone(annotate(null, signal));
    },
  };
}

/** True when it was done, false when the object does not exist. */
async function unlessGone(done: Promise<unknown>): Promise<boolean> {
  try {
    await done;
    return true;
  } catch (cause) {
    if (hasCode(cause, "cluster-gone")) return false;
    throw cause;
  }
}
