import type { V1Lease } from "@kubernetes/client-node";
import { hasCode } from "../../core/model/error.ts";
import type { KubernetesClient } from "./client.ts";

/** One Lease object, written only on top of the version that was read. */
export interface LeaseStore {
  /** The lease as it is now, null when there is none. */
  read(signal: AbortSignal): Promise<V1Lease | null>;
  /** Writes on top of the version in `lease` (creates when it has none); null when somebody else was faster. */
  write(lease: V1Lease, signal: AbortSignal): Promise<V1Lease | null>;
  /** What was read or written last and not contradicted since. */
  last(): V1Lease | null;
}

export function leaseStore(
  client: KubernetesClient,
  at: { readonly namespace: string; readonly name: string },
): LeaseStore {
  const { namespace, name } = at;
  let last: V1Lease | null = null;
  const orNull = async (code: "cluster-gone" | "cluster-conflict", ask: Promise<V1Lease>) => {
    try {
      last = await ask;
    } catch (cause) {
      last = null;
      // An update of a lease that was deleted meanwhile is a lost race too.
      if (!hasCode(cause, code) && !hasCode(cause, "cluster-gone")) throw cause;
    }
    return last;
  };
  return {
    last: () => last,
    read: (signal) =>
      orNull(
        "cluster-gone",
        client.call(signal, (options) => client.coordination.readNamespacedLease({ namespace, name }, options)),
      ),
    write: (lease, signal) =>
      orNull(
        "cluster-conflict",
        client.call(signal, (options) =>
          lease.metadata?.resourceVersion === undefined
            ? client.coordination.createNamespacedLease({ namespace, body: lease }, options)
            : client.coordination.replaceNamespacedLease({ namespace, name, body: lease }, options),
        ),
      ),
  };
}
