import { hasCode } from "../../../core/model/error.ts";
import type { KubernetesClient } from "../client/client.ts";
import { collectionPath, objectPath } from "../client/paths.ts";
import type { LeaseObject } from "./lease-object.ts";

/** One Lease object, written only on top of the version that was read. */
export interface LeaseStore {
  /** The lease as it is now, null when there is none. */
  read(signal: AbortSignal): Promise<LeaseObject | null>;
  /**
   * Writes on top of the version in `lease` (creates when it has none); null when somebody else was
   * faster.
   */
  write(lease: LeaseObject, signal: AbortSignal): Promise<LeaseObject | null>;
  /** What was read or written last and not contradicted since. */
  last(): LeaseObject | null;
  /**
   * What a read or a write answered that was sent at `sinceMs` or later, by the real counter; null
   * when there was no lease, undefined when nothing was asked since.
   */
  heardSince(sinceMs: number): LeaseObject | null | undefined;
}

export function leaseStore(
  client: KubernetesClient,
  at: { readonly namespace: string; readonly name: string },
  realMs: () => number,
): LeaseStore {
  const { namespace, name } = at;
  let last: LeaseObject | null = null;
  let sentMs = Number.NEGATIVE_INFINITY;
  const orNull = async (code: "cluster-gone" | "cluster-conflict", ask: Promise<LeaseObject>) => {
    const askedMs = realMs();
    try {
      last = await ask;
      sentMs = askedMs;
    } catch (cause) {
      last = null;
      sentMs = code === "cluster-gone" && hasCode(cause, code) ? askedMs : Number.NEGATIVE_INFINITY;
      // An update of a lease that was deleted meanwhile is a lost race too.
      if (!hasCode(cause, code) && !hasCode(cause, "cluster-gone")) throw cause;
    }
    return last;
  };
  return {
    last: () => last,
    heardSince: (sinceMs) => (sentMs >= sinceMs ? last : undefined),
    read: (signal) =>
      orNull(
        "cluster-gone",
        client.request<LeaseObject>({ method: "GET", path: objectPath("leases", namespace, name) }, signal),
      ),
    write: (lease, signal) =>
      orNull(
        "cluster-conflict",
        client.request<LeaseObject>(
          lease.metadata?.resourceVersion === undefined
            ? { method: "POST", path: collectionPath("leases", namespace), body: lease }
            : { method: "PUT", path: objectPath("leases", namespace, name), body: lease },
          signal,
        ),
      ),
  };
}
