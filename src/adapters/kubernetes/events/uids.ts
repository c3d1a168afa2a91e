import type { WorkloadRef } from "../../../core/model/cluster.ts";
import type { KubernetesClient } from "../client/client.ts";
import { collectionPath, type Resource } from "../client/paths.ts";

/** Kinds that our rights let us list. */
const LISTED: Readonly<Record<string, Resource>> = {
  Deployment: "deployments",
  StatefulSet: "statefulsets",
  DaemonSet: "daemonsets",
  ReplicaSet: "replicasets",
  Job: "jobs",
  Pod: "pods",
};

interface Listed {
  readonly items?: readonly { readonly metadata?: { readonly uid?: string } }[];
}

/**
 * Asks for the uid of a workload: by a list of one, for rights hold no `get`. Null where it is
 * gone, or of a kind that cannot be listed, or the API server does not say. Never rejects.
 * @param known what was read of it a short time ago
 */
export function workloadUids(client: KubernetesClient, known: (workload: WorkloadRef) => string | null) {
  return async (workload: WorkloadRef, signal: AbortSignal): Promise<string | null> => {
    const uid = known(workload);
    if (uid !== null) return uid;
    const { kind, namespace, name } = workload;
    const resource = LISTED[kind];
    if (resource === undefined) return null;
    const query = { fieldSelector: `metadata.name=${name}`, limit: "1" };
    try {
      const path = collectionPath(resource, namespace);
      const found = await client.request<Listed>({ method: "GET", path, query }, signal);
      return found.items?.[0]?.metadata?.uid ?? null;
    } catch {
      return null; // the Event is worth more than its uid
    }
  };
}
