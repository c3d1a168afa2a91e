import { mustBeUndone } from "../../core/experiment/life.ts";
import { undoDueMs } from "../../core/experiment/next.ts";
import type { ExperimentId, ExperimentState } from "../../core/model/experiment.ts";
import type { Clock } from "../../ports/clock.ts";

/** When the active faults that this process has seen are over, by the counter of its clock. */
const dueOf = new WeakMap<Clock, Map<ExperimentId, number>>();

/**
 * What the clock shows, for this experiment. Its active fault is over when the counter says so,
 * however far back somebody set the clock since this process saw it first: then the answer is the
 * end of the fault.
 */
export function nowFor(clock: Clock, state: ExperimentState): number {
  const nowMs = clock.nowMs();
  if (state.plan === null) return nowMs;
  const faults = dueOf.get(clock) ?? new Map<ExperimentId, number>();
  dueOf.set(clock, faults);
  const { id } = state.plan;
  if (state.phase !== "observing" || !mustBeUndone(state)) {
    faults.delete(id);
    return nowMs;
  }
  const endMs = undoDueMs(state);
  const leftMs = Math.max(0, Math.min(endMs - nowMs, endMs - (state.t0Ms ?? nowMs)));
  const dueMs = Math.min(faults.get(id) ?? Number.POSITIVE_INFINITY, clock.monotonicMs() + leftMs);
  faults.set(id, dueMs);
  return clock.monotonicMs() >= dueMs ? Math.max(nowMs, endMs) : nowMs;
}

/** Experiments whose active fault is over by the counter. Costs no request. */
export function overdueFaults(clock: Clock): readonly ExperimentId[] {
  const nowMs = clock.monotonicMs();
  return [...(dueOf.get(clock) ?? [])].flatMap(([id, dueMs]) => (nowMs >= dueMs ? [id] : []));
}
