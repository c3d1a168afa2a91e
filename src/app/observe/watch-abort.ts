import { type Counted, guardedServices, whyAbort } from "../../core/experiment/abort.ts";
import { undoDueMs } from "../../core/experiment/next.ts";
import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { Log } from "../../ports/log.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import { timeFor } from "../inject/own-time.ts";
import { type RecordDeps, record } from "../records/append-event.ts";
import type { Archive } from "../records/archive.ts";
import { callsOf } from "./calls.ts";

/** Proxies are scraped every 15 s as a rule: one look a scrape. */
const LOOK_EVERY_MS = 15 * SECOND_MS;
/** A source that fails so often in a row is blind, and nothing stands unseen. */
const MAX_TRIES = 3;
const RETRY_MS = 5 * SECOND_MS;

export interface GuardDeps extends RecordDeps {
  readonly metrics: MetricsSource;
  readonly archive: Archive;
  readonly log: Log;
}

/**
 * Looks whether a fault that stands does more harm than was allowed (judge.md §2.11); answers the
 * state after it was aborted, or when to look again. One request to the metrics source a look, and
 * one more at the first.
 */
export async function guard(
  deps: GuardDeps,
  id: string,
  state: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState | { readonly untilMs: number }> {
  const dueMs = undoDueMs(state);
  if (state.plan?.abort == null) return { untilMs: dueMs };
  const why = await lookForHarm(deps, id, state, dueMs, signal);
  if (why !== null) {
    deps.log.warn("experiment aborted", { experiment: id, why });
    return record(deps, id, state, { kind: "aborted", why });
  }
  return { untilMs: Math.min(dueMs, timeFor(deps.clock, state) + LOOK_EVERY_MS) };
}

async function lookForHarm(
  deps: GuardDeps,
  id: string,
  state: ExperimentState,
  dueMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  const { plan, choice, t0Ms } = state;
  if (plan?.abort == null || choice === null || t0Ms === null) return null;
  const { abort: rule, geometry } = plan;
  for (let tries = 1; ; tries++) {
    try {
      const before = await usualCounts(deps, id, t0Ms, geometry.beforeMs, signal);
      const now = await deps.metrics.recent(timeFor(deps.clock, state), rule.windowMs, signal);
      const calls = callsOf(await deps.archive.edges(id), await deps.archive.snapshot(id, "before"));
      return whyAbort({ rule, before, beforeMs: geometry.beforeMs, now, guarded: guardedServices(choice, calls) });
    } catch (cause) {
      signal.throwIfAborted();
      deps.log.warn("cannot see what a standing fault does", { experiment: id, why: describeError(cause) });
      if (tries === MAX_TRIES) return `nobody can see what the fault does: ${describeError(cause)}`;
      if (timeFor(deps.clock, state) + RETRY_MS >= dueMs) return null;
      await deps.clock.sleep(RETRY_MS, signal);
    }
  }
}

/** Counts of the `beforeMs` before the fault: read once, and kept with what the experiment saw. */
export async function usualCounts(
  { metrics, archive }: GuardDeps,
  id: string,
  t0Ms: number,
  beforeMs: number,
  signal: AbortSignal,
): Promise<readonly Counted[]> {
  const kept = await archive.baseline(id);
  if (kept !== null) return kept;
  const before = await metrics.recent(t0Ms, beforeMs, signal);
  await archive.keepBaseline(id, before);
  return before;
}
