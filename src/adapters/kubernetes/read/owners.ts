import type { V1Job, V1ObjectMeta, V1OwnerReference, V1ReplicaSet } from "@kubernetes/client-node";
import { BUILT_IN_KINDS, type WorkloadRef } from "../../../core/model/cluster.ts";
import { hasCode } from "../../../core/model/error.ts";
import type { KubernetesClient } from "../client/client.ts";
import { objectPath } from "../client/paths.ts";

/** Finds the controller at the top: pod → ReplicaSet → Deployment, pod → Job → CronJob. */
export interface Owners {
  /** Remembers who owns a ReplicaSet or Job that was listed. */
  learn(kind: "ReplicaSet" | "Job", metadata: V1ObjectMeta | undefined): void;
  knows(uid: string): boolean;
  /** The workload of a pod; asks the server only for a parent that was never seen. */
  workloadOf(pod: V1ObjectMeta, signal: AbortSignal): Promise<WorkloadRef>;
}

/** Parents remembered; a controller reference never changes during an object's life in practice. */
const REMEMBERED_MAX = 20_000;

/** OpenShift says on each pod whose it is: its ReplicationControllers come and go with rollouts. */
const DEPLOYMENT_CONFIG = "openshift.io/deployment-config.name";

/** Groups of Kubernetes' own controllers. */
const OWN_GROUPS = ["apps", "batch"];

export function ownerResolver(client: KubernetesClient): Owners {
  const tops = new Map<string, WorkloadRef>();
  const remember = (uid: string, top: WorkloadRef) => {
    if (tops.size >= REMEMBERED_MAX) tops.clear();
    tops.set(uid, top);
  };
  return {
    learn(kind, metadata) {
      if (metadata?.uid !== undefined) remember(metadata.uid, topOf(kind, metadata));
    },
    knows: (uid) => tops.has(uid),
    async workloadOf(pod, signal) {
      const namespace = pod.namespace ?? "";
      const owner = controllerOf(pod);
      if (owner === null || owner.kind === "Node") return { kind: "Pod", namespace, name: pod.name ?? "" };
      const kind = kindOf(owner);
      const config = kind === "ReplicationController" ? pod.annotations?.[DEPLOYMENT_CONFIG] : undefined;
      if (config !== undefined) return { kind: "DeploymentConfig.apps.openshift.io", namespace, name: config };
      if (kind !== "ReplicaSet" && kind !== "Job") return refOf(owner, namespace);
      const known = tops.get(owner.uid);
      if (known !== undefined) return known;
      const parent = await readParent(client, owner, namespace, signal);
      // A parent that is gone, or another object of the same name, says nothing about this one's
      // owner.
      const top = parent?.uid === owner.uid ? topOf(kind, parent) : refOf(owner, namespace);
      remember(owner.uid, top);
      return top;
    },
  };
}

/** The owner that controls this object, or null. */
export function controllerOf(metadata: V1ObjectMeta | undefined): V1OwnerReference | null {
  return metadata?.ownerReferences?.find((one) => one.controller === true) ?? null;
}

/**
 * An owner as a workload. Another group's kind carries its group: two owners of one name are never
 * taken for one.
 */
export function refOf(owner: V1OwnerReference, namespace: string): WorkloadRef {
  return { kind: kindOf(owner), namespace, name: owner.name };
}

/** `Deployment`, `Rollout.argoproj.io`; versions of a group do not matter. */
export function kindOf({ apiVersion, kind }: { readonly apiVersion?: string; readonly kind: string }): string {
  const [group = "", version] = (apiVersion ?? "").split("/");
  if (version === undefined) return BUILT_IN_KINDS.some((one) => one === kind) ? `${kind}.core` : kind;
  return OWN_GROUPS.includes(group) && BUILT_IN_KINDS.some((one) => one === kind) ? kind : `${kind}.${group}`;
}

function topOf(kind: "ReplicaSet" | "Job", metadata: V1ObjectMeta): WorkloadRef {
  const namespace = metadata.namespace ?? "";
  const owner = controllerOf(metadata);
  return owner === null ? { kind, namespace, name: metadata.name ?? "" } : refOf(owner, namespace);
}

async function readParent(
  client: KubernetesClient,
  owner: V1OwnerReference,
  namespace: string,
  signal: AbortSignal,
): Promise<V1ObjectMeta | null> {
  const path = objectPath(owner.kind === "Job" ? "jobs" : "replicasets", namespace, owner.name);
  try {
    const parent = await client.request<V1Job | V1ReplicaSet>({ method: "GET", path }, signal);
    return parent.metadata ?? null;
  } catch (cause) {
    if (hasCode(cause, "cluster-gone")) return null;
    throw cause;
  }
}
