import type { Observation } from "../model/series.ts";
import type { Window } from "../model/units.ts";
import { formatDuration } from "../text/format.ts";

/** How much data there was; two that are equal are taken for the same data. */
export interface DataSize {
  /** First and last instant that any service has a count of, ms since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly services: number;
  /** Measured steps of all services. */
  readonly steps: number;
  readonly requests: number;
}

/**
 * What a verdict was made from besides the counts of the experiment: kept, so that `replay` can
 * tell why another verdict comes out.
 */
export interface JudgedFrom {
  /** Version of the program. */
  readonly build: string;
  readonly history: DataSize | null;
  /** The stretches of history that were left out. */
  readonly excluded: readonly Window[];
  /** Why the observation ended early; null when it did not. */
  readonly cutShort: string | null;
  readonly edges: number;
}

/** Sums up what was measured; null for none. */
export function sizeOf(observation: Observation | null): DataSize | null {
  if (observation === null) return null;
  const { grid, services } = observation;
  let steps = 0;
  let requests = 0;
  for (const { valid, requests: counts } of services) {
    for (let i = 0; i < grid.steps; i++) {
      if (valid[i] !== 1) continue;
      steps++;
      requests += counts[i]!;
    }
  }
  const toMs = grid.startMs + grid.steps * grid.stepMs;
  return { fromMs: grid.startMs, toMs, services: services.length, steps, requests: Math.round(requests) };
}

/**
 * What is not as it was when the verdict was made, one sentence each; empty when everything is.
 * `then` is null when it was not kept.
 */
export function whatChanged(then: JudgedFrom | null, now: JudgedFrom): readonly string[] {
  if (then === null) return ["what the verdict was made from was not kept: it is older than that, or was dropped"];
  const changes: string[] = [];
  if (then.build !== now.build) changes.push(`version ${then.build} judged, version ${now.build} judges again`);
  const history = historyChange(then.history, now.history);
  if (history !== null) changes.push(history);
  if (now.edges < then.edges) {
    changes.push(`call graph: ${then.edges} edges were known, ${now.edges} are kept`);
  }
  return changes;
}

function historyChange(then: DataSize | null, now: DataSize | null): string | null {
  if (then === null) return now === null ? null : `history: there was none, now there is ${inWords(now)}`;
  if (now === null) return `history: ${inWords(then)} was known, none of it is kept or can be fetched`;
  const same = then.services === now.services && then.steps === now.steps && then.requests === now.requests;
  return same ? null : `history: ${inWords(then)} was known, now ${inWords(now)} is`;
}

const inWords = ({ fromMs, toMs, services, steps, requests }: DataSize): string =>
  `${formatDuration(toMs - fromMs)} of ${services} service${services === 1 ? "" : "s"} (${steps} measured steps, ${requests} requests)`;
