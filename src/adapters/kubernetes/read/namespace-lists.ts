import type {
  V1ControllerRevision,
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
  V1Namespace,
  V1Pod,
  V1PodDisruptionBudget,
  V1ReplicaSet,
  V1Service,
  V1StatefulSet,
  V2HorizontalPodAutoscaler,
} from "@kubernetes/client-node";
import { AftershockError, hasCode } from "../../../core/model/error.ts";
import type { KubernetesClient } from "../client/client.ts";
import { type ListedResource, listAll } from "../client/lists.ts";
import { objectPath } from "../client/paths.ts";
import { controllerOf, kindOf, type Owners } from "./owners.ts";
import { ledByEndpointSlices } from "./services.ts";

/** Fresh lists of one namespace. */
export interface NamespaceLists {
  readonly namespace: V1Namespace;
  /** Every pod of the namespace is among `pods`; absent: those of some workloads. */
  readonly whole?: true;
  readonly pods: readonly V1Pod[];
  readonly deployments: readonly V1Deployment[];
  readonly replicaSets: readonly V1ReplicaSet[];
  readonly statefulSets: readonly V1StatefulSet[];
  readonly daemonSets: readonly V1DaemonSet[];
  /** Read only when there are StatefulSets or DaemonSets, whose revisions they are. */
  readonly revisions: readonly V1ControllerRevision[];
  readonly services: readonly V1Service[];
  /** Read only when there are Services without a selector; an error: why they cannot be read. */
  readonly endpointSlices: readonly V1EndpointSlice[] | AftershockError;
  readonly budgets: readonly V1PodDisruptionBudget[];
  readonly autoscalers: readonly V2HorizontalPodAutoscaler[];
}

/** What surrounds the workloads of a namespace, and changes rarely. */
export type Surroundings = Pick<NamespaceLists, "namespace" | "services" | "endpointSlices" | "autoscalers">;

/**
 * One namespace's objects, from nine requests (one more each for sets, unknown Jobs and Services
 * without a selector), or why there are none. Owners learn what is listed. `known` is not asked
 * for.
 */
export async function readNamespace(
  client: KubernetesClient,
  owners: Owners,
  namespace: string,
  signal: AbortSignal,
  known: Surroundings | null = null,
): Promise<NamespaceLists | AftershockError> {
  const self = known?.namespace ?? (await readSelf(client, namespace, signal));
  if (self instanceof AftershockError) return self;
  const list = async <R extends ListedResource>(resource: R) =>
    (await listAll(client, resource, namespace, signal)).items;
  const [pods, deployments, replicaSets, statefulSets, daemonSets, services, budgets, autoscalers] = await Promise.all([
    list("pods"),
    list("deployments"),
    list("replicasets"),
    list("statefulsets"),
    list("daemonsets"),
    known?.services ?? list("services"),
    list("poddisruptionbudgets"),
    known?.autoscalers ?? list("horizontalpodautoscalers"),
  ]);
  for (const one of replicaSets) owners.learn("ReplicaSet", one.metadata);
  if (pods.some((pod) => ownedByUnknownJob(pod, owners))) await learnJobs(client, owners, namespace, signal);
  const endpointSlices = known?.endpointSlices ?? (await readSlicesFor(client, namespace, services, signal));
  const revisions = statefulSets.length + daemonSets.length === 0 ? [] : await list("controllerrevisions");
  return {
    namespace: self,
    whole: true,
    ...{ pods, deployments, replicaSets, statefulSets, daemonSets },
    ...{ revisions, services, endpointSlices, budgets, autoscalers },
  };
}

/**
 * The namespace, or why there is nothing to be read in it: it does not exist, or it is not ours to
 * read.
 */
export async function readSelf(
  client: KubernetesClient,
  name: string,
  signal: AbortSignal,
): Promise<V1Namespace | AftershockError> {
  try {
    return await client.request<V1Namespace>({ method: "GET", path: objectPath("namespaces", null, name) }, signal);
  } catch (cause) {
    if (hasCode(cause, "cluster-gone") || hasCode(cause, "cluster-forbidden")) return cause;
    throw cause;
  }
}

/**
 * What Services without a selector need. A namespace may be readable for an older role that lacks
 * this right: then it is told, and nothing there is hit.
 */
export async function readSlicesFor(
  client: KubernetesClient,
  namespace: string,
  services: readonly V1Service[],
  signal: AbortSignal,
): Promise<readonly V1EndpointSlice[] | AftershockError> {
  if (!services.some(ledByEndpointSlices)) return [];
  try {
    return (await listAll(client, "endpointslices", namespace, signal)).items;
  } catch (cause) {
    if (hasCode(cause, "cluster-forbidden") || hasCode(cause, "cluster-gone")) return cause;
    throw cause;
  }
}

const ownedByUnknownJob = (pod: V1Pod, owners: Owners): boolean => {
  const owner = controllerOf(pod.metadata);
  return owner !== null && kindOf(owner) === "Job" && !owners.knows(owner.uid);
};

/** Lists Jobs, so that the pods of a CronJob's many runs cost one request. */
export async function learnJobs(
  client: KubernetesClient,
  owners: Owners,
  namespace: string,
  signal: AbortSignal,
): Promise<void> {
  const jobs = await listAll(client, "jobs", namespace, signal);
  for (const one of jobs.items) owners.learn("Job", one.metadata);
}
