import { mustBeUndone } from "../../core/experiment/life.ts";
import { undoDueMs } from "../../core/experiment/next.ts";
import type { ExperimentId, ExperimentState } from "../../core/model/experiment.ts";
import type { Clock } from "../../ports/clock.ts";

interface Active {
  /** When it is over, by the counter of the process's clock. */
  readonly dueMs: number;
  readonly state: ExperimentState;
}

/** The active faults that this process has seen. */
const dueOf = new WeakMap<Clock, Map<ExperimentId, Active>>();

/**
 * What the clock shows, for this experiment. Its active fault is kept in mind from now on, and is
 * over when the counter says so, however far back somebody set the clock since this process saw
 * it first: then the answer is the end of the fault.
 */
export function nowFor(clock: Clock, state: ExperimentState): number {
  const nowMs = clock.nowMs();
  if (state.plan === null) return nowMs;
  const faults = dueOf.get(clock) ?? new Map<ExperimentId, Active>();
  dueOf.set(clock, faults);
  const { id } = state.plan;
  if (state.phase !== "observing" || !mustBeUndone(state)) {
    // of an intent whose outcome the journal does not have yet, this process may know that it acted
    if (state.phase !== "intended") faults.delete(id);
    return nowMs;
  }
  const endMs = undoDueMs(state);
  const leftMs = Math.max(0, Math.min(endMs - nowMs, endMs - (state.t0Ms ?? nowMs)));
  const dueMs = Math.min(faults.get(id)?.dueMs ?? Number.POSITIVE_INFINITY, clock.monotonicMs() + leftMs);
  faults.set(id, { dueMs, state });
  return clock.monotonicMs() >= dueMs ? Math.max(nowMs, endMs) : nowMs;
}

/**
 * Experiments whose active fault has been over for `sinceMs` by the counter. Costs no request.
 */
export function overdueFaults(clock: Clock, sinceMs = 0): readonly ExperimentState[] {
  const nowMs = clock.monotonicMs() - sinceMs;
  return [...(dueOf.get(clock)?.values() ?? [])].flatMap(({ dueMs, state }) => (nowMs >= dueMs ? [state] : []));
}
