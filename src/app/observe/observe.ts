import { endMs } from "../../core/experiment/next.ts";
import type { Call } from "../../core/judge/input/input.ts";
import type { CallEdge } from "../../core/model/cluster.ts";
import type { ExperimentId, ExperimentState } from "../../core/model/experiment.ts";
import type { Geometry } from "../../core/model/policy.ts";
import type { Grid, Observation } from "../../core/model/series.ts";
import { DAY_MS, type Window } from "../../core/model/units.ts";
import { isDegraded } from "../../core/model/verdict.ts";
import { readingsOf } from "../../core/observe/history.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import type { Archive } from "../records/archive.ts";
import type { Book } from "../records/experiment-reader.ts";
import type { HistoryKeeper } from "../records/metrics-history.ts";
import { callsOf } from "./calls.ts";

/** How far back a call edge is believed. */
const EDGES_REACH_MS = 7 * DAY_MS;

export interface ObserveDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: MetricsSource;
  readonly book: Book;
  readonly archive: Archive;
  readonly history: HistoryKeeper;
}

/** Everything that the judge sees of one experiment. */
export interface Seen {
  readonly observation: Observation;
  readonly history: Observation | null;
  readonly excluded: readonly Window[];
  readonly edges: readonly CallEdge[];
  readonly calls: readonly Call[];
}

/** The grid that begins `before` ahead of t0 and reaches to `toMs`, in whole steps. */
export function gridOf(t0Ms: number, toMs: number, { stepMs, beforeMs }: Geometry): Grid {
  const stepsBefore = Math.ceil(beforeMs / stepMs);
  const startMs = t0Ms - stepsBefore * stepMs;
  return { startMs, stepMs, steps: Math.max(stepsBefore + 1, Math.floor((toMs - startMs) / stepMs)) };
}

/**
 * Reads counts, history and call graph of an experiment until `toMs` (default: the end of its late
 * window).
 */
export async function observe(
  deps: ObserveDeps,
  state: ExperimentState,
  signal: AbortSignal,
  toMs = endMs(state),
): Promise<Seen> {
  const { plan, t0Ms } = state;
  if (plan === null || t0Ms === null) throw new RangeError("an experiment without t0 cannot be observed");
  const history = await deps.history.upTo(toMs, plan.geometry.stepMs, signal);
  const kept = history === null ? undefined : readingsOf(history);
  const observation = await deps.metrics.counts(gridOf(t0Ms, toMs, plan.geometry), signal, kept);
  const edges = await deps.metrics.edges({ fromMs: toMs - EDGES_REACH_MS, toMs }, signal);
  const excluded = await disturbedWindows(deps.book, toMs);
  const before = await deps.archive.snapshot(plan.id, "before");
  return { observation, history, excluded, edges, calls: callsOf(edges, before) };
}

/**
 * Times in which the cluster was not quiet because of us.
 * @param except an experiment that does not count
 */
export async function disturbedWindows(book: Book, toMs: number, except?: ExperimentId): Promise<readonly Window[]> {
  const past = await book.between(toMs - EDGES_REACH_MS - DAY_MS, toMs);
  return past.flatMap((state) => {
    if (except !== undefined && state.plan?.id === except) return [];
    const untilMs = disturbedUntilMs(state);
    return untilMs === null || state.t0Ms === null ? [] : [{ fromMs: state.t0Ms, toMs: Math.min(untilMs, toMs) }];
  });
}

/**
 * Until when one experiment disturbed its services: its end, its recovery, or, when nobody got
 * worse, until the target was whole again.
 */
function disturbedUntilMs(state: ExperimentState): number | null {
  const { plan, injection, clearMs, judgement, recoveredMs } = state;
  if (plan === null || plan.sham || injection === "none" || injection === "not-injected") return null;
  if (clearMs === null || state.phase === "damaged") return Number.POSITIVE_INFINITY;
  const quiet = judgement?.verdicts.every((v) => !isDegraded(v.verdict.kind));
  return quiet ? clearMs : Math.max(recoveredMs ?? 0, endMs(state));
}
