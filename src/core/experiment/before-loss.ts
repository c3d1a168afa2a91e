import { type ClusterNode, type ClusterSnapshot, type Pod, type Workload, workloadKey } from "../model/cluster.ts";
import type { NaturalCause } from "../model/experiment.ts";
import { SECOND_MS } from "../model/units.ts";

/** Creation times have a resolution of one second. */
const CREATION_SLACK_MS = SECOND_MS;

/** What was known before something happened by itself. */
export interface KnownBefore {
  /** The pods of every namespace that was followed, as they were; empty when nobody followed. */
  readonly pods: readonly Pod[];
  /** The node that was lost, if it is gone by now and somebody remembers it. */
  readonly node: ClusterNode | null;
}

/**
 * The cluster as it was before something happened by itself, from lists that were read after it:
 * the pods that a watch knew, or, where none followed, those that are older than the loss; and the
 * node that was lost Ready, as it was.
 */
export function beforeLoss(now: ClusterSnapshot, cause: NaturalCause, known: KnownBefore): ClusterSnapshot {
  const { t0Ms } = cause;
  const read = new Set(now.namespaces.map(({ name }) => name));
  const followed = new Set(known.pods.map(({ namespace }) => namespace));
  const pods = [
    ...known.pods.filter(({ namespace }) => read.has(namespace)),
    ...now.pods.filter((pod) => !followed.has(pod.namespace) && pod.createdAtMs < t0Ms - CREATION_SLACK_MS),
  ];
  const workloads = now.workloads.map((workload) => withItsPods(workload, pods));
  return { ...now, takenAtMs: t0Ms, nodes: nodesBefore(now.nodes, cause, known.node), workloads, pods };
}

/** Where nobody says how many pods are asked for, those that there were are. */
function withItsPods(workload: Workload, pods: readonly Pod[]): Workload {
  if (workload.counted !== true) return workload;
  const own = pods.filter((pod) => workloadKey(pod.workload) === workloadKey(workload) && !pod.terminating);
  return own.length === 0 ? workload : { ...workload, replicas: own.length };
}

function nodesBefore(
  nodes: readonly ClusterNode[],
  { what, choice }: NaturalCause,
  remembered: ClusterNode | null,
): readonly ClusterNode[] {
  if (what !== "node-lost") return nodes;
  const { node } = choice.target;
  const known = remembered !== null && !nodes.some(({ name }) => name === remembered.name) ? [remembered] : [];
  return [...nodes, ...known].map((one) => (one.name === node ? { ...one, ready: true } : one));
}
