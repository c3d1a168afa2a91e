import type {
  V1ControllerRevision,
  V1DaemonSet,
  V1Deployment,
  V1Pod,
  V1ReplicaSet,
  V1StatefulSet,
} from "@kubernetes/client-node";
import { type WorkloadRef, workloadKey } from "../../../core/model/cluster.ts";
import { AftershockError } from "../../../core/model/error.ts";
import type { KubernetesClient } from "../client/client.ts";
import { type ListedResource, listAll } from "../client/lists.ts";
import type { Earlier } from "./earlier.ts";
import { type NamespaceLists, readNamespace, readSelf, readSlicesFor, type Surroundings } from "./namespace-lists.ts";
import { controllerOf, type Owners } from "./owners.ts";
import { selectorText } from "./selectors.ts";

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
type Known = WorkloadRef & { readonly kind: ControllerKind };

/**
 * As `readNamespace`, but of these workloads alone, whatever else the namespace holds: five
 * requests for the namespace and one workload, then two with its label selector (one more for
 * Services without a selector). Going on from `earlier` it is three, all at once: the workload, its
 * pods and the budgets. Pods without a controller that we know take the lists of the whole
 * namespace.
 */
export async function readTargets(
  client: KubernetesClient,
  owners: Owners,
  { namespace, workloads, earlier }: Wanted,
  signal: AbortSignal,
): Promise<NamespaceLists | AftershockError> {
  const known = workloads.filter((one): one is Known => one.kind in RESOURCES);
  const around = earlier?.surroundings ?? null;
  if (known.length < workloads.length || known.length > MAX_WORKLOADS)
    return readNamespace(client, owners, namespace, signal, around);
  const list: Lister = async (resource, selectors) =>
    (await listAll(client, resource, namespace, signal, selectors)).items;
  const [surroundings, budgets, targets] = await Promise.all([
    around ?? readSurroundings(client, namespace, signal),
    list("poddisruptionbudgets", {}),
    Promise.all(known.map((one) => readTarget(list, one, earlier?.lists ?? null))),
  ]);
  if (surroundings instanceof AftershockError) return surroundings;
  const of = <T>(kind: ControllerKind): T[] =>
    targets.flatMap(({ controller }, i) =>
      controller !== undefined && known[i]!.kind === kind ? [controller as T] : [],
    );
  const replicaSets = [...of<V1ReplicaSet>("ReplicaSet"), ...targets.flatMap((one) => one.replicaSets)];
  for (const one of replicaSets) owners.learn("ReplicaSet", one.metadata);
  const pods = new Map(targets.flatMap((one) => one.pods).map((pod) => [pod.metadata?.uid, pod]));
  return {
    ...surroundings,
    pods: [...pods.values()],
    deployments: of("Deployment"),
    replicaSets,
    statefulSets: of("StatefulSet"),
    daemonSets: of("DaemonSet"),
    revisions: targets.flatMap((one) => one.revisions),
    budgets,
  };
}

export interface Wanted {
  readonly namespace: string;
  readonly workloads: readonly WorkloadRef[];
  /** What was read of this namespace a moment ago; null: nothing. */
  readonly earlier: Earlier | null;
}

async function readSurroundings(
  client: KubernetesClient,
  namespace: string,
  signal: AbortSignal,
): Promise<Surroundings | AftershockError> {
  const [self, services, autoscalers] = await Promise.all([
    readSelf(client, namespace, signal),
    listAll(client, "services", namespace, signal),
    listAll(client, "horizontalpodautoscalers", namespace, signal),
  ]);
  if (self instanceof AftershockError) return self;
  const endpointSlices = await readSlicesFor(client, namespace, services.items, signal);
  return { namespace: self, services: services.items, endpointSlices, autoscalers: autoscalers.items };
}

type Lister = <R extends ListedResource>(
  resource: R,
  selectors: { readonly labelSelector?: string; readonly fieldSelector?: string },
) => Promise<Awaited<ReturnType<typeof listAll<R>>>["items"]>;

/** What tells when the pod template of a workload changed last. */
interface Templates {
  readonly replicaSets: readonly V1ReplicaSet[];
  readonly revisions: readonly V1ControllerRevision[];
}

interface TargetObjects extends Templates {
  readonly controller: Controller | undefined;
  readonly pods: readonly V1Pod[];
}

/**
 * One workload and what carries its labels. A selector never changes, so its pods can be asked for
 * together with it; another workload of the same name has the pods of another.
 */
async function readTarget(list: Lister, wanted: Known, lists: NamespaceLists | null): Promise<TargetObjects> {
  const before = lists === null ? undefined : controllerIn(lists, wanted);
  const guess = before === undefined ? null : selectorText(before.spec?.selector);
  const [[controller], guessed] = await Promise.all([
    list(RESOURCES[wanted.kind], { fieldSelector: `metadata.name=${wanted.name}` }) as Promise<readonly Controller[]>,
    guess === null ? null : list("pods", { labelSelector: guess }),
  ]);
  if (controller === undefined) return { controller, pods: [], replicaSets: [], revisions: [] };
  const labelSelector = selectorText(controller.spec?.selector);
  const [pods, templates] = await Promise.all([
    guessed !== null && guess === labelSelector ? guessed : list("pods", { labelSelector }),
    lists !== null && before !== undefined && isSameTemplate(before, controller)
      ? templatesIn(lists, controller)
      : readTemplates(list, wanted.kind, labelSelector),
  ]);
  return { controller, pods, ...templates };
}

const controllerIn = (lists: NamespaceLists, wanted: Known): Controller | undefined => {
  const of = {
    Deployment: lists.deployments,
    StatefulSet: lists.statefulSets,
    DaemonSet: lists.daemonSets,
    ReplicaSet: lists.replicaSets,
  };
  const key = workloadKey(wanted);
  return of[wanted.kind].find(
    ({ metadata }) =>
      workloadKey({ kind: wanted.kind, namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" }) === key,
  );
};

/**
 * Whether ReplicaSets and revisions are what they were: a new one comes only with a new generation,
 * and its controller says when it has seen that.
 */
function isSameTemplate(before: Controller, now: Controller): boolean {
  const told = ({ metadata, status }: Controller) =>
    JSON.stringify([
      metadata?.uid,
      metadata?.generation,
      status?.observedGeneration,
      revisionOf(metadata?.annotations),
    ]);
  return now.metadata?.generation !== undefined && told(before) === told(now);
}

const revisionOf = (annotations: Readonly<Record<string, string>> | undefined) =>
  annotations?.["deployment.kubernetes.io/revision"];

const templatesIn = (lists: NamespaceLists, { metadata }: Controller): Templates => {
  const isOwn = (one: V1ReplicaSet | V1ControllerRevision) => controllerOf(one.metadata)?.uid === metadata?.uid;
  return { replicaSets: lists.replicaSets.filter(isOwn), revisions: lists.revisions.filter(isOwn) };
};

async function readTemplates(list: Lister, kind: ControllerKind, labelSelector: string): Promise<Templates> {
  const [replicaSets, revisions] = await Promise.all([
    kind === "Deployment" ? list("replicasets", { labelSelector }) : [],
    kind === "StatefulSet" || kind === "DaemonSet" ? list("controllerrevisions", { labelSelector }) : [],
  ]);
  return { replicaSets, revisions };
}
