import type { ServiceId } from "../../model/cluster.ts";
import type { MinimumEffect } from "../../model/policy.ts";
import type { Grid, Observation } from "../../model/series.ts";
import { type CallGraph, callGraph } from "./call-graph.ts";
import { STALE_AFTER_MS } from "./constants.ts";
import type { JudgeInput } from "./input.ts";
import { familyOf } from "./judged-services.ts";
import { type Records, recordsOf } from "./records.ts";
import { type Track, tracksOf } from "./track.ts";
import { type Windows, windowsOf } from "./windows.ts";

/** What a judge is asked, taken apart once. */
export interface Question {
  readonly input: JudgeInput;
  readonly grid: Grid;
  readonly windows: Windows;
  /** Every signal of every service; steps that other injections of ours disturbed are unknown. */
  readonly tracks: readonly Track[];
  readonly records: Records;
  readonly graph: CallGraph;
  /** Those concerned, their callers and callees; empty when no experiment stands behind it. */
  readonly family: ReadonlySet<ServiceId>;
  /** The history, when it ended recently enough to say what is normal now. */
  readonly recent: Observation | null;
  effectFor(service: ServiceId): MinimumEffect;
  /** How much of recent history there is of a service, ms. */
  knownMs(service: ServiceId): number;
}

/** @throws RangeError when the history has another step than the observation */
export function questionOf(input: JudgeInput): Question {
  const { minimumEffect } = input;
  const { grid } = input.observation;
  const windows = windowsOf(grid, input.t0Ms, input.clearMs, input.geometry, input.extendedMs);
  const records = recordsOf(input, windows);
  const graph = callGraph(input.calls);
  const recent = recentOf(input);
  return {
    input,
    grid,
    windows,
    tracks: tracksOf(maskOwnInjections(input), input.quantiles),
    records,
    graph,
    family: familyOf(graph, input.concerned),
    recent,
    effectFor: typeof minimumEffect === "function" ? minimumEffect : () => minimumEffect,
    knownMs: (service) => (recent === null ? 0 : records.knownMs(service)),
  };
}

/**
 * An old record tells how wide a series swings, not what is normal now: then it only widens
 * (judge.md §2.16 step 6).
 */
function recentOf({ history, t0Ms }: JudgeInput): Observation | null {
  if (history === null) return null;
  const { startMs, steps, stepMs } = history.grid;
  return t0Ms - (startMs + steps * stepMs) <= STALE_AFTER_MS ? history : null;
}

/** Steps before t0 that lie in another injection of ours say nothing about what is normal. */
function maskOwnInjections({ observation, excluded, t0Ms }: JudgeInput): Observation {
  const { grid } = observation;
  const mine = excluded.filter((w) => w.fromMs < t0Ms && w.toMs <= t0Ms && w.toMs > grid.startMs);
  if (mine.length === 0) return observation;
  const services = observation.services.map((s) => ({
    ...s,
    valid: s.valid.map((valid, i) => {
      const fromMs = grid.startMs + i * grid.stepMs;
      return mine.some((w) => w.fromMs < fromMs + grid.stepMs && fromMs < w.toMs) ? 0 : valid;
    }),
  }));
  return { ...observation, services };
}
