import { type ClusterNode, type ClusterSnapshot, type Pod, type Workload, workloadKey } from "../model/cluster.ts";
import type { NaturalCause } from "../model/experiment.ts";
import { cameAfter } from "./newcomers.ts";

/** What was known before something happened by itself. */
export interface KnownBefore {
  /** The pods of every namespace that was followed, as they were; empty when nobody followed. */
  readonly pods: readonly Pod[];
  /** Nodes that were lost, as far as they are gone by now and somebody remembers them. */
  readonly nodes: readonly ClusterNode[];
}

/** Nodes that were lost, by name. */
export const nodesOf = ({ what, nodes, choice }: NaturalCause): readonly string[] => {
  if (what !== "node-lost") return [];
  const { node } = choice.target;
  return nodes ?? (node === null ? [] : [node]);
};

/**
 * The cluster as it was before something happened by itself, from lists that were read after it:
 * the pods that a watch knew, or, where none followed, those that are older than the loss; and the
 * nodes that were lost Ready, as they were.
 */
export function beforeLoss(now: ClusterSnapshot, cause: NaturalCause, known: KnownBefore): ClusterSnapshot {
  const { t0Ms } = cause;
  const read = new Set(now.namespaces.map(({ name }) => name));
  const followed = new Set(known.pods.map(({ namespace }) => namespace));
  const pods = [
    ...known.pods.filter(({ namespace }) => read.has(namespace)),
    ...now.pods.filter((pod) => !followed.has(pod.namespace) && !cameAfter(pod, t0Ms, null)),
  ];
  const workloads = now.workloads.map((workload) => withItsPods(workload, pods));
  return { ...now, takenAtMs: t0Ms, nodes: nodesBefore(now.nodes, cause, known.nodes), workloads, pods };
}

/** Where nobody says how many pods are asked for, those that there were are. */
function withItsPods(workload: Workload, pods: readonly Pod[]): Workload {
  if (workload.counted !== true) return workload;
  const own = pods.filter((pod) => workloadKey(pod.workload) === workloadKey(workload) && !pod.terminating);
  return own.length === 0 ? workload : { ...workload, replicas: own.length };
}

function nodesBefore(
  nodes: readonly ClusterNode[],
  cause: NaturalCause,
  remembered: readonly ClusterNode[],
): readonly ClusterNode[] {
  const lost = nodesOf(cause);
  const known = remembered.filter((one) => !nodes.some(({ name }) => name === one.name));
  return [...nodes, ...known].map((one) => (lost.includes(one.name) ? { ...one, ready: true } : one));
}
