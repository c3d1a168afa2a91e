import { endMs } from "../../core/experiment/next.ts";
import { type NodePressure, withoutCpuShortage } from "../../core/experiment/node-pressure.ts";
import { throttledTold } from "../../core/experiment/throttled.ts";
import type { Call } from "../../core/judge/judge.ts";
import type { ServiceId } from "../../core/model/cluster.ts";
import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import type { Window } from "../../core/model/units.ts";
import { isDegraded, type Judgement } from "../../core/model/verdict.ts";
import type { Log } from "../../ports/log.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import type { Archive } from "../records/archive.ts";

export interface NodePressureDeps {
  readonly metrics: Pick<MetricsSource, "nodePressure" | "throttled">;
  readonly archive: Pick<Archive, "snapshot">;
  readonly log: Log;
}

/**
 * Takes back what is said of slow answers where a node was short of CPU at the time, and tells of
 * pods that their CPU limits held back. Asks only when something became slow; where nobody scrapes
 * nodes, or the source does not answer, everything stands.
 */
export async function withNodePressure(
  deps: NodePressureDeps,
  state: ExperimentState,
  judgement: Judgement,
  calls: readonly Call[],
  signal: AbortSignal,
): Promise<Judgement> {
  const { plan, t0Ms } = state;
  const { nodePressure } = deps.metrics;
  if (slowIn(judgement).length === 0 || nodePressure === undefined || plan === null || t0Ms === null) return judgement;
  const kept = await Promise.all([deps.archive.snapshot(plan.id, "before"), deps.archive.snapshot(plan.id, "after")]);
  const snapshots = kept.filter((one) => one !== null);
  const nodes = new Set(snapshots.flatMap(({ pods }) => pods.flatMap(({ node }) => node ?? [])));
  if (nodes.size === 0) return judgement;
  const { beforeMs, earlyMs, lateMs } = plan.geometry;
  const end = endMs(state);
  const ask = (window: Window): Promise<readonly NodePressure[]> => nodePressure([...nodes], window, signal);
  try {
    const before = await ask({ fromMs: t0Ms - beforeMs, toMs: t0Ms });
    if (before.length === 0) return judgement;
    const early = await ask({ fromMs: t0Ms, toMs: t0Ms + earlyMs });
    const late = await ask({ fromMs: end - lateMs, toMs: end });
    const judged = withoutCpuShortage(judgement, { before, early, late }, snapshots, calls);
    const slow = slowIn(judged);
    const { throttled } = deps.metrics;
    if (slow.length === 0 || throttled === undefined) return judged;
    const namespaces = [...new Set(snapshots.flatMap(({ pods }) => pods.map(({ namespace }) => namespace)))];
    const told = throttledTold(
      slow,
      await throttled(namespaces, { fromMs: t0Ms - beforeMs, toMs: t0Ms }, signal),
      await throttled(namespaces, { fromMs: t0Ms, toMs: end }, signal),
      snapshots,
    );
    return { ...judged, notes: [...judged.notes, ...told] };
  } catch (cause) {
    signal.throwIfAborted();
    deps.log.warn("cannot tell how short of CPU the nodes were", {
      experiment: plan.id,
      why: describeError(cause),
    });
    return judgement;
  }
}

const slowIn = ({ verdicts }: Judgement): readonly ServiceId[] =>
  verdicts
    .filter(({ signal, verdict }) => signal === "latency" && isDegraded(verdict.kind))
    .map(({ service }) => service);
