import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { DAY_MS } from "../../core/model/units.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { Log } from "../../ports/log.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import { snapshotAround } from "../preflight/snapshot-around.ts";
import { type RecordDeps, record } from "../records/append-event.ts";
import type { Archive } from "../records/archive.ts";

export interface TakeUpDeps extends RecordDeps {
  readonly cluster: ClusterReader;
  readonly metrics: MetricsSource;
  readonly archive: Archive;
  readonly log: Log;
}

/**
 * Begins to observe what happened by itself. The cluster is looked at now, for nobody knew before
 * that it would be needed.
 */
export async function takeUp(
  deps: TakeUpDeps,
  id: string,
  planned: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState> {
  const cause = planned.plan?.natural;
  if (cause === undefined) throw new RangeError("only a natural experiment can be taken up");
  const { choice, t0Ms } = cause;
  try {
    const edges = await deps.metrics.edges({ fromMs: t0Ms - DAY_MS, toMs: t0Ms }, signal);
    const snapshot = await snapshotAround(deps.cluster, [choice.target.workload.namespace], edges, signal);
    await deps.archive.keepSnapshot(id, "before", snapshot);
    await deps.archive.keepEdges(id, edges);
  } catch (error) {
    signal.throwIfAborted();
    deps.log.warn("a natural experiment goes without a diagnosis", { experiment: id, why: describeError(error) });
  }
  return record(deps, id, planned, { kind: "happened", t0Ms, choice });
}
