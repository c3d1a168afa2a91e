import { CLEAR_CAP_MS } from "../../core/experiment/next.ts";
import type { ExperimentId, ExperimentState, Phase } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";

/** A moment of an experiment. */
interface Moment {
  /** By the counter of the process's clock, … */
  readonly countedMs: number;
  /** … and what the time was then for the experiment, ms since the epoch. */
  readonly shownMs: number;
}

/** The first moment of each experiment that this process knows. */
const firstOf = new WeakMap<Clock, Map<ExperimentId, Moment>>();

/** By how much the clocks of two processes may differ that both follow the API server's, ms. */
const CLOCKS_DIFFER_MS = 30 * SECOND_MS;

/** From the call until there is a verdict; later, hours count, and the clock alone says them. */
const COUNTED: readonly Phase[] = ["observing", "cleared"];

/** Keeps in mind that the call of this experiment goes out at this moment. */
export function countFromCall(clock: Clock, id: ExperimentId, t0Ms: number): void {
  const known = firstOf.get(clock) ?? new Map<ExperimentId, Moment>();
  firstOf.set(clock, known);
  known.set(id, { countedMs: clock.monotonicMs(), shownMs: t0Ms });
}

/**
 * What the time is for this experiment: what the clock shows, but until its verdict no less than
 * what the counter knows to have passed. Somebody may set the API server's clock back by an hour
 * meanwhile: what happens then would seem to be older than the call, and the late window would
 * begin while the fault is still active. Whoever finds an experiment whose call is still to come by
 * the clock cannot know how long it was ago: as long as anybody waits for its target.
 */
export function timeFor(clock: Clock, state: ExperimentState): number {
  const { plan, phase, t0Ms, choice } = state;
  const nowMs = clock.nowMs();
  if (plan === null || t0Ms === null) return nowMs;
  if (!COUNTED.includes(phase)) {
    if (phase !== "intended") firstOf.get(clock)?.delete(plan.id);
    return nowMs;
  }
  if (firstOf.get(clock)?.has(plan.id) !== true) {
    const standsMs = choice !== null && "durationMs" in choice.fault ? choice.fault.durationMs : 0;
    const wasSetBack = nowMs < t0Ms - CLOCKS_DIFFER_MS;
    countFromCall(clock, plan.id, wasSetBack ? t0Ms + standsMs + CLEAR_CAP_MS : Math.max(nowMs, t0Ms));
  }
  const { countedMs, shownMs } = firstOf.get(clock)!.get(plan.id)!;
  return Math.max(nowMs, shownMs + clock.monotonicMs() - countedMs);
}

/** Between two looks at an experiment of whose time nobody is sure, ms. */
const LOOK_EVERY_MS = 5 * SECOND_MS;

/**
 * A time of this experiment as the clock will show it: when to come back. One that is over already
 * is not a reason to come back at once, for nothing was due.
 */
export function byClock(clock: Clock, state: ExperimentState, untilMs: number): number {
  if (!COUNTED.includes(state.phase)) return untilMs;
  const leftMs = untilMs - timeFor(clock, state);
  return clock.nowMs() + (leftMs > 0 ? leftMs : LOOK_EVERY_MS);
}
