import { type ClusterNode, type ClusterSnapshot, type Pod, type Workload, workloadKey } from "../model/cluster.ts";
import type { LostPods, Target } from "../model/fault.ts";
import { SECOND_MS } from "../model/units.ts";
import type { PodSignal } from "./loss.ts";
import { cameAfter, type KnownPods, readySince } from "./newcomers.ts";

/**
 * A node is called NotReady only after it was silent for so long, 50 s by default
 * (node-monitor-grace-period): what its pods did until then belongs to the loss.
 * https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
 */
export const NODE_SILENCE_MS = 50 * SECOND_MS;
/** Pods lost at once that are written down; a node holds 110 by default. */
export const MAX_PODS = 250;
/** Pods of these end by themselves, never come back, or belong to their node. */
const NOT_MISSED: readonly string[] = ["Job", "CronJob", "Pod", "DaemonSet"];

/** What the watch told of one pod, and when. */
export interface SeenSignal extends PodSignal {
  readonly atMs: number;
}

/** A node that is gone or silent, with the pods of which that was noticed. */
export interface NodeLoss {
  readonly node: string;
  readonly pods: readonly Pod[];
  /** When the first of them was noticed. */
  readonly atMs: number;
}

/**
 * Nodes that died under the pods of `signals`, those with most pods first. `nodes` are all there
 * are now; empty means that they may not be read, and then nothing can be said of them.
 */
export function lostNodes(signals: readonly SeenSignal[], nodes: readonly ClusterNode[]): readonly NodeLoss[] {
  if (nodes.length === 0) return [];
  const alive = new Set(nodes.filter((node) => node.ready).map((node) => node.name));
  const onDead = signals.filter(
    ({ pod }) =>
      pod.node !== null && !alive.has(pod.node) && !NOT_MISSED.includes(pod.workload.kind) && pod.ends !== true,
  );
  return [...Map.groupBy(onDead, ({ pod }) => pod.node ?? "")]
    .map(([node, seen]) => ({
      node,
      pods: [...new Map(seen.map(({ pod }) => [pod.uid, pod])).values()].slice(0, MAX_PODS),
      atMs: Math.min(...seen.map(({ atMs }) => atMs)),
    }))
    .toSorted((a, b) => b.pods.length - a.pods.length || (a.node < b.node ? -1 : 1));
}

/** What was lost at once; the workloads that lost most pods come first. */
export interface Hit {
  readonly lost: readonly LostPods[];
  readonly target: Target;
}

/**
 * The target that pods lost at once make, with `nodes` or alone: every service behind them. Null
 * when nothing of it is missed: their workloads are gone, too.
 */
export function hitOf(pods: readonly Pod[], nodes: readonly string[], snapshot: ClusterSnapshot): Hit | null {
  const ending = new Set(snapshot.namespaces.filter((one) => one.terminating).map((one) => one.name));
  const byKey = new Map(snapshot.workloads.map((one) => [workloadKey(one), one]));
  const groups = [...Map.groupBy(pods, (pod) => workloadKey(pod.workload))]
    .flatMap(([key, own]) => {
      const workload = byKey.get(key);
      return workload === undefined || ending.has(workload.namespace) ? [] : [{ key, workload, own }];
    })
    .toSorted((a, b) => b.own.length - a.own.length || (a.key < b.key ? -1 : 1));
  const [first] = groups;
  if (first === undefined) return null;
  const refOf = ({ kind, namespace, name }: Workload) => ({ kind, namespace, name });
  const zones = new Set(nodes.map((node) => snapshot.nodes.find(({ name }) => name === node)?.zone ?? null));
  return {
    lost: groups.map(({ workload, own }) => ({ workload: refOf(workload), pods: own.map((pod) => pod.uid) })),
    target: {
      workload: refOf(first.workload),
      services: [...new Set(groups.flatMap(({ workload }) => workload.services))],
      pods: groups.flatMap(({ own }) => own.map(({ namespace, name, uid }) => ({ namespace, name, uid }))),
      node: theOnly(new Set(nodes.length > 0 ? nodes : pods.map((pod) => pod.node))),
      zone: theOnly(zones),
    },
  };
}

/** The one that all have in common, or null. */
const theOnly = (all: ReadonlySet<string | null>): string | null => (all.size === 1 ? ([...all][0] ?? null) : null);

/**
 * Since when a workload has back what it lost with a node, ms: as many of its pods are Ready as it
 * lost, younger than the loss or back with the node, and every other one too; null: not yet. A pod
 * of a dead node stays Terminating for as long as nobody can ask the node, and counts for nothing.
 */
export function backSinceMs(
  { pods: uids }: LostPods,
  pods: readonly Pod[],
  t0Ms: number,
  { known = null, nowMs = Number.POSITIVE_INFINITY }: { readonly known?: KnownPods; readonly nowMs?: number } = {},
): number | null {
  const alive = pods.filter((pod) => !pod.terminating && pod.phase !== "Failed" && pod.phase !== "Succeeded");
  const back = alive.filter((pod) => uids.includes(pod.uid) || cameAfter(pod, t0Ms, known));
  if (back.length < uids.length || !alive.every((pod) => pod.ready)) return null;
  const since = (pod: Pod): number =>
    uids.includes(pod.uid) || pod.readySinceMs === null ? (pod.readySinceMs ?? t0Ms) : readySince(pod, t0Ms, nowMs);
  return Math.max(t0Ms, ...back.map(since));
}
