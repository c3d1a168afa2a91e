import type {
  V1ControllerRevision,
  V1DaemonSet,
  V1Deployment,
  V1LabelSelector,
  V1Pod,
  V1ReplicaSet,
  V1StatefulSet,
} from "@kubernetes/client-node";
import type { WorkloadRef } from "../../../core/model/cluster.ts";
import { AftershockError } from "../../../core/model/error.ts";
import type { KubernetesClient } from "../client/client.ts";
import { type ListedResource, listAll } from "../client/lists.ts";
import { type NamespaceLists, readEndpointSlices, readNamespace, readSelf } from "./namespace-lists.ts";
import type { Owners } from "./owners.ts";
import { selectorText } from "./selectors.ts";
import { ledByEndpointSlices } from "./services.ts";

/** With more workloads than this the lists of the whole namespace are fewer requests. */
const MAX_WORKLOADS = 4;

type Controller = V1Deployment | V1StatefulSet | V1DaemonSet | V1ReplicaSet;

const RESOURCES = {
  Deployment: "deployments",
  StatefulSet: "statefulsets",
  DaemonSet: "daemonsets",
  ReplicaSet: "replicasets",
} as const;
type ControllerKind = keyof typeof RESOURCES;

/**
 * As `readNamespace`, but of these workloads alone, whatever else the namespace holds: five
 * requests for the namespace and one workload, then two with its label selector (one more for
 * Services without a selector). Pods without a controller that we know take the lists of the whole
 * namespace.
 */
export async function readTargets(
  client: KubernetesClient,
  owners: Owners,
  namespace: string,
  workloads: readonly WorkloadRef[],
  signal: AbortSignal,
): Promise<NamespaceLists | AftershockError> {
  const known = workloads.filter((one): one is WorkloadRef & { kind: ControllerKind } => one.kind in RESOURCES);
  if (known.length < workloads.length || known.length > MAX_WORKLOADS)
    return readNamespace(client, owners, namespace, signal);
  const list = async <R extends ListedResource>(resource: R, selectors = {}) =>
    (await listAll(client, resource, namespace, signal, selectors)).items;
  const [self, controllers, services, budgets, autoscalers] = await Promise.all([
    readSelf(client, namespace, signal),
    Promise.all(known.map(({ kind, name }) => list(RESOURCES[kind], { fieldSelector: `metadata.name=${name}` }))),
    list("services"),
    list("poddisruptionbudgets"),
    list("horizontalpodautoscalers"),
  ]);
  if (self instanceof AftershockError) return self;
  const found = controllers.map((items) => items[0] as Controller | undefined);
  const selected = await Promise.all(
    found.map((one, i) => (one === undefined ? NOTHING : selectedBy(list, known[i]!.kind, one.spec?.selector))),
  );
  const of = <T>(kind: ControllerKind): T[] =>
    found.flatMap((one, i) => (one !== undefined && known[i]!.kind === kind ? [one as T] : []));
  const replicaSets = [...of<V1ReplicaSet>("ReplicaSet"), ...selected.flatMap((one) => one.replicaSets)];
  for (const one of replicaSets) owners.learn("ReplicaSet", one.metadata);
  const pods = new Map(selected.flatMap((one) => one.pods).map((pod) => [pod.metadata?.uid, pod]));
  return {
    namespace: self,
    pods: [...pods.values()],
    deployments: of("Deployment"),
    replicaSets,
    statefulSets: of("StatefulSet"),
    daemonSets: of("DaemonSet"),
    revisions: selected.flatMap((one) => one.revisions),
    services,
    endpointSlices: services.some(ledByEndpointSlices) ? await readEndpointSlices(client, namespace, signal) : [],
    budgets,
    autoscalers,
  };
}

interface Selected {
  readonly pods: readonly V1Pod[];
  readonly replicaSets: readonly V1ReplicaSet[];
  readonly revisions: readonly V1ControllerRevision[];
}

const NOTHING: Selected = { pods: [], replicaSets: [], revisions: [] };

type Lister = <R extends ListedResource>(
  resource: R,
  selectors: { labelSelector: string },
) => Promise<Awaited<ReturnType<typeof listAll<R>>>["items"]>;

/**
 * What carries the controller's labels: its pods, and what tells when its pod template changed
 * last.
 */
async function selectedBy(list: Lister, kind: ControllerKind, selector?: V1LabelSelector): Promise<Selected> {
  const labels = { labelSelector: selectorText(selector) };
  const [pods, replicaSets, revisions] = await Promise.all([
    list("pods", labels),
    kind === "Deployment" ? list("replicasets", labels) : [],
    kind === "StatefulSet" || kind === "DaemonSet" ? list("controllerrevisions", labels) : [],
  ]);
  return { pods, replicaSets, revisions };
}
