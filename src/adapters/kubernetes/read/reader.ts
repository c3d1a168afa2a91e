import type { V1Namespace, V1Pod } from "@kubernetes/client-node";
import {
  type ClusterNode,
  type ClusterSnapshot,
  type Namespace,
  type Pod,
  type PodRef,
  type ServiceNote,
  type WorkloadRef,
  workloadKey,
} from "../../../core/model/cluster.ts";
import { AftershockError, describeError, hasCode } from "../../../core/model/error.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { ClusterReader } from "../../../ports/cluster.ts";
import { annotationsOf } from "../client/annotations.ts";
import type { KubernetesClient } from "../client/client.ts";
import { fewAtATime } from "../client/few-at-a-time.ts";
import { listAll, type Selectors } from "../client/lists.ts";
import { objectPath } from "../client/paths.ts";
import { mayI } from "../rights/access.ts";
import { earlierLists, type Kept } from "./earlier.ts";
import { type KnownWorkloads, knownWorkloads } from "./known-workloads.ts";
import { type NamespaceLists, readNamespace } from "./namespace-lists.ts";
import { readNodes } from "./nodes.ts";
import { type Owners, ownerResolver } from "./owners.ts";
import { toPod } from "./pod.ts";
import { type AroundPod, aroundPods } from "./pod-budgets-and-services.ts";
import { serviceNotes } from "./services.ts";
import { readTargets } from "./target-lists.ts";
import { toWorkloads } from "./workloads.ts";

/**
 * Namespaces looked at together, with nine lists each: what waits in our own queue counts as a
 * server's silence, and an undo waits behind it.
 */
const NAMESPACES_AT_A_TIME = 8;

/**
 * Reads the cluster through fresh lists. Of objects that were seen only owners are remembered,
 * which never change. With `leave-out` nodes are not asked for, and each snapshot says so.
 */
export function kubernetesReader(
  client: KubernetesClient,
  clock: Clock,
  nodesAre: "read" | "leave-out" = "read",
  known: KnownWorkloads = knownWorkloads(() => clock.realMs()),
): ClusterReader {
  const owners = ownerResolver(client);
  const earlier = earlierLists(() => clock.realMs());
  const keep = (answer: ClusterSnapshot, lists: readonly Kept[]): ClusterSnapshot => {
    earlier.keep(answer, lists);
    known.learn(
      answer.workloads,
      lists.map((one) => one.lists),
    );
    return answer;
  };
  return {
    async snapshot(namespaces, signal) {
      const takenAtMs = clock.nowMs();
      const aroundSinceMs = clock.realMs();
      const read = (namespace: string) => readNamespace(client, owners, namespace, signal);
      const [nodes, lists] = await Promise.all([
        nodesAre === "read" ? readNodes(client, signal) : [],
        fewAtATime([...new Set(namespaces)], NAMESPACES_AT_A_TIME, read),
      ]);
      const found = readable(lists);
      const parts = await Promise.all(found.map((one) => namespacePart(owners, one, signal)));
      const answer: ClusterSnapshot = {
        takenAtMs,
        nodes: nodes instanceof AftershockError ? [] : nodes,
        namespaces: parts.flatMap((one) => one.namespaces),
        workloads: parts.flatMap((one) => one.workloads),
        pods: parts.flatMap((one) => one.pods),
        ...unnamed(parts.flatMap((one) => one.serviceNotes ?? [])),
        ...unreadOf(nodes, found),
        ...(nodesAre === "read" ? {} : { withoutNodes: true as const }),
      };
      return keep(
        answer,
        found.map((one) => ({ lists: one, aroundSinceMs })),
      );
    },
    async lookAgain(workloads, signal, before) {
      const takenAtMs = clock.nowMs();
      const sinceMs = clock.realMs();
      const wanted = new Set(workloads.map(workloadKey));
      const read = async ([namespace, own]: readonly [string, readonly WorkloadRef[]]): Promise<Kept> => {
        const found = earlier.of(before, namespace);
        const lists = await readTargets(client, owners, { namespace, workloads: own, earlier: found }, signal);
        if (lists instanceof AftershockError) throw lists;
        return { lists, aroundSinceMs: found?.surroundings ? found.aroundSinceMs : sinceMs };
      };
      const kept = await Promise.all([...Map.groupBy(workloads, ({ namespace }) => namespace)].map(read));
      const lists = kept.map((one) => one.lists);
      const parts = await Promise.all(lists.map((one) => namespacePart(owners, one, signal)));
      const answer: ClusterSnapshot = {
        takenAtMs,
        nodes: [],
        namespaces: parts.flatMap((one) => one.namespaces),
        workloads: parts.flatMap((one) => one.workloads).filter((one) => wanted.has(workloadKey(one))),
        pods: parts.flatMap((one) => one.pods).filter((one) => wanted.has(workloadKey(one.workload))),
        ...unreadOf([], lists),
      };
      return keep(answer, kept);
    },
    async namespaces(signal) {
      const all = await listAll(client, "namespaces", null, signal);
      return all.items.map((one) => one.metadata?.name ?? "");
    },
    pod: (ref, signal) => readPod(client, owners, ref, signal),
    async podsOf(workload, signal) {
      const own = async (selectors: Selectors) => {
        const { items } = await listAll(client, "pods", workload.namespace, signal, selectors);
        const pods = await toPods(owners, items, signal);
        return pods.filter((pod) => workloadKey(pod.workload) === workloadKey(workload));
      };
      const labelSelector = known.selectorOf(workload);
      const selected = labelSelector === null ? [] : await own({ labelSelector });
      // another workload of its name selects others
      return selected.length > 0 ? selected : own({});
    },
    mayI: (questions, signal) => mayI(client, questions, signal),
  };
}

/**
 * Namespaces that do not exist or that we may not read are left out: a policy's own are granted,
 * their callers' need not be. When nothing is left and a right was missing, that is the answer.
 */
function readable(lists: readonly (NamespaceLists | AftershockError)[]): NamespaceLists[] {
  const found = lists.flatMap((one) => (one instanceof AftershockError ? [] : [one]));
  const forbidden = lists.find((one) => hasCode(one, "cluster-forbidden"));
  if (found.length === 0 && forbidden !== undefined) throw forbidden;
  return found;
}

type Part = Pick<ClusterSnapshot, "namespaces" | "workloads" | "pods" | "serviceNotes">;

async function namespacePart(owners: Owners, lists: NamespaceLists, signal: AbortSignal): Promise<Part> {
  const pods = await toPods(owners, lists.pods, signal, aroundPods(lists));
  const namespace = toNamespace(lists.namespace);
  return {
    namespaces: [namespace],
    workloads: toWorkloads(lists, pods),
    pods,
    serviceNotes: serviceNotes(lists.services, namespace.name),
  };
}

const unnamed = (notes: readonly ServiceNote[]) => (notes.length === 0 ? {} : { serviceNotes: notes });

/** What is missing because a right is missing, and in whose words. */
function unreadOf(
  nodes: readonly ClusterNode[] | AftershockError,
  lists: readonly NamespaceLists[],
): Pick<ClusterSnapshot, "unread"> {
  const endpoints = Object.fromEntries(
    lists.flatMap(({ namespace, endpointSlices }) =>
      endpointSlices instanceof AftershockError
        ? [[namespace.metadata?.name ?? "", describeError(endpointSlices)] as const]
        : [],
    ),
  );
  const unread = {
    ...(nodes instanceof AftershockError ? { nodes: describeError(nodes) } : {}),
    ...(Object.keys(endpoints).length === 0 ? {} : { endpoints }),
  };
  return Object.keys(unread).length === 0 ? {} : { unread };
}

/** One after the other: pods of one unknown ReplicaSet cost one request, not one each. */
async function toPods(
  owners: Owners,
  pods: readonly V1Pod[],
  signal: AbortSignal,
  around?: (pod: V1Pod) => AroundPod,
): Promise<Pod[]> {
  const found: Pod[] = [];
  for (const pod of pods) found.push(toPod(pod, await owners.workloadOf(pod.metadata ?? {}, signal), around?.(pod)));
  return found;
}

async function readPod(
  client: KubernetesClient,
  owners: Owners,
  { namespace, name }: Pick<PodRef, "namespace" | "name">,
  signal: AbortSignal,
): Promise<Pod | null> {
  try {
    const pod = await client.request<V1Pod>({ method: "GET", path: objectPath("pods", namespace, name) }, signal);
    return toPod(pod, await owners.workloadOf(pod.metadata ?? {}, signal));
  } catch (cause) {
    if (hasCode(cause, "cluster-gone")) return null;
    throw cause;
  }
}

const toNamespace = ({ metadata, status }: V1Namespace): Namespace => ({
  name: metadata?.name ?? "",
  labels: metadata?.labels ?? {},
  annotations: annotationsOf(metadata),
  terminating: metadata?.deletionTimestamp !== undefined || status?.phase === "Terminating",
});
