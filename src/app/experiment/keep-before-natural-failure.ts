import { beforeLoss, nodesOf } from "../../core/experiment/before-loss.ts";
import type { CallEdge, ClusterNode, Pod } from "../../core/model/cluster.ts";
import { describeError } from "../../core/model/error.ts";
import type { NaturalCause } from "../../core/model/experiment.ts";
import { DAY_MS } from "../../core/model/units.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { Log } from "../../ports/log.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import { snapshotAround } from "../preflight/snapshot-around.ts";
import type { Archive } from "../records/archive.ts";
import type { Book } from "../records/experiment-reader.ts";

/** Experiments of the last days whose snapshots are searched for nodes that are gone. */
const SEARCHED = 10;
const SEARCHED_MS = 30 * DAY_MS;

export interface KeepBeforeDeps {
  readonly cluster: ClusterReader;
  readonly metrics: MetricsSource;
  readonly archive: Archive;
  readonly book: Book;
  readonly log: Log;
}

/**
 * Keeps, once, the cluster and the calls as they were before a natural failure; `known` is what a
 * watch knew of the pods, empty when there was none. What cannot be read is logged, and the
 * experiment goes on without a diagnosis.
 */
export async function keepBefore(
  deps: KeepBeforeDeps,
  id: string,
  cause: NaturalCause,
  known: readonly Pod[],
  signal: AbortSignal,
): Promise<void> {
  const edges = await edgesOf(deps, id, cause, signal);
  if ((await deps.archive.snapshot(id, "before")) !== null) return;
  try {
    const now = await snapshotAround(deps.cluster, namespacesOf(cause), edges, signal);
    const gone = nodesOf(cause).filter((node) => !now.nodes.some(({ name }) => name === node));
    const nodes = gone.length === 0 ? [] : await rememberedNodes(deps, gone, cause.t0Ms);
    await deps.archive.keepSnapshot(id, "before", beforeLoss(now, cause, { pods: known, nodes }));
  } catch (error) {
    signal.throwIfAborted();
    deps.log.warn("a natural experiment goes without a diagnosis", { experiment: id, why: describeError(error) });
  }
}

async function edgesOf(
  { archive, metrics, log }: KeepBeforeDeps,
  id: string,
  { t0Ms }: NaturalCause,
  signal: AbortSignal,
): Promise<readonly CallEdge[]> {
  const kept = await archive.edges(id);
  if (kept.length > 0) return kept;
  try {
    const edges = await metrics.edges({ fromMs: t0Ms - DAY_MS, toMs: t0Ms }, signal);
    await archive.keepEdges(id, edges);
    return edges;
  } catch (error) {
    signal.throwIfAborted();
    log.warn("nobody knows who calls whom before a natural experiment", {
      experiment: id,
      why: describeError(error),
    });
    return [];
  }
}

const namespacesOf = ({ choice, lost = [] }: NaturalCause): readonly string[] => [
  ...new Set([choice.target.workload.namespace, ...lost.map(({ workload }) => workload.namespace)]),
];

/** Nodes as the newest of the last experiments that knew them saw them. */
async function rememberedNodes(
  { archive, book }: KeepBeforeDeps,
  names: readonly string[],
  t0Ms: number,
): Promise<readonly ClusterNode[]> {
  const found = new Map<string, ClusterNode>();
  const past = await book.newest(SEARCHED, t0Ms - SEARCHED_MS, t0Ms);
  for (const { plan } of past.toReversed()) {
    if (plan === null) continue;
    const seen = (await archive.snapshot(plan.id, "after")) ?? (await archive.snapshot(plan.id, "before"));
    for (const node of seen?.nodes ?? [])
      if (names.includes(node.name) && !found.has(node.name)) found.set(node.name, node);
    if (found.size === names.length) break;
  }
  return [...found.values()];
}
