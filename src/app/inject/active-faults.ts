import { mustBeUndone } from "../../core/experiment/life.ts";
import { undoDueMs } from "../../core/experiment/next.ts";
import type { ExperimentId, ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import { timeFor } from "./own-time.ts";

interface Active {
  /** When it is over, by the counter of the process's clock. */
  readonly dueMs: number;
  readonly state: ExperimentState;
}

/** The active faults that this process has seen. */
const dueOf = new WeakMap<Clock, Map<ExperimentId, Active>>();

interface Sent {
  /** When the call went out, by the counter of the process's clock, … */
  readonly atMs: number;
  /** … what the clock showed then, … */
  readonly t0Ms: number;
  /** … and for how long its fault is active, ms. */
  readonly durationMs: number;
}

/** The calls of this process: of their faults it knows the beginning, whatever the clock shows. */
const sentOf = new WeakMap<Clock, Map<ExperimentId, Sent>>();

/**
 * Keeps in mind that the call of this experiment goes out now: from here on the counter alone says
 * when its fault is over. The answer may come from a server whose clock was set meanwhile.
 */
export function callGoesOut(clock: Clock, { plan, choice, t0Ms }: ExperimentState): void {
  if (plan === null || choice === null || t0Ms === null || !("durationMs" in choice.fault)) return;
  const { durationMs } = choice.fault;
  const sent = sentOf.get(clock) ?? new Map<ExperimentId, Sent>();
  sentOf.set(clock, sent);
  sent.set(plan.id, { atMs: clock.monotonicMs(), t0Ms, durationMs });
}

/**
 * What the clock shows, but no more than the counter knows to have passed while a fault of a call
 * of this process is active: by that its expiry in the cluster is compared.
 */
export function countedNowMs(clock: Clock): number {
  const nowMs = clock.nowMs();
  const passed = [...(sentOf.get(clock)?.values() ?? [])].map(({ atMs, t0Ms, durationMs }) => {
    const passedMs = clock.monotonicMs() - atMs;
    return passedMs < durationMs ? t0Ms + passedMs : nowMs;
  });
  return Math.min(nowMs, ...passed);
}

/**
 * What the clock shows, for this experiment. Its active fault is kept in mind from now on, and is
 * over when the counter says so, however far back somebody set the clock since this process saw
 * it first: then the answer is the end of the fault. Of a fault that this process called it is not
 * over before that either, however far forward the clock is set.
 */
export function nowFor(clock: Clock, state: ExperimentState): number {
  const nowMs = clock.nowMs();
  if (state.plan === null) return nowMs;
  const faults = dueOf.get(clock) ?? new Map<ExperimentId, Active>();
  dueOf.set(clock, faults);
  const { id } = state.plan;
  if (state.phase !== "observing" || !mustBeUndone(state)) {
    // of an intent whose outcome the journal does not have yet, this process may know that it acted
    if (state.phase !== "intended") {
      faults.delete(id);
      sentOf.get(clock)?.delete(id);
    }
    return timeFor(clock, state);
  }
  const endMs = undoDueMs(state);
  const dueMs = dueByCounter(clock, id, state, faults.get(id)?.dueMs);
  faults.set(id, { dueMs, state });
  if (clock.monotonicMs() >= dueMs) return Math.max(nowMs, endMs);
  return sentOf.get(clock)?.has(id) ? Math.min(nowMs, endMs - 1) : nowMs;
}

function dueByCounter(clock: Clock, id: ExperimentId, state: ExperimentState, knownMs = Number.POSITIVE_INFINITY) {
  const endMs = undoDueMs(state);
  const t0Ms = state.t0Ms ?? clock.nowMs();
  const sent = sentOf.get(clock)?.get(id);
  if (sent !== undefined) return sent.atMs + endMs - t0Ms;
  const leftMs = Math.max(0, Math.min(endMs - clock.nowMs(), endMs - t0Ms));
  return Math.min(knownMs, clock.monotonicMs() + leftMs);
}

/** Between two looks at a fault whose end the clock shows too early, ms. */
const LOOK_EVERY_MS = 5 * SECOND_MS;

/**
 * When to come back to this experiment, ms since the epoch: not at once because the clock, which
 * was set forward, shows that its active fault is over.
 */
export function untilFor(clock: Clock, { plan }: ExperimentState, untilMs: number): number {
  const id = plan?.id ?? "";
  const leftMs = (dueOf.get(clock)?.get(id)?.dueMs ?? 0) - clock.monotonicMs();
  if (untilMs > clock.nowMs() || leftMs <= 0 || !sentOf.get(clock)?.has(id)) return untilMs;
  return clock.nowMs() + Math.min(leftMs, LOOK_EVERY_MS);
}

/**
 * Experiments whose active fault has been over for `sinceMs` by the counter. Costs no request.
 */
export function overdueFaults(clock: Clock, sinceMs = 0): readonly ExperimentState[] {
  const nowMs = clock.monotonicMs() - sinceMs;
  return [...(dueOf.get(clock)?.values() ?? [])].flatMap(({ dueMs, state }) => (nowMs >= dueMs ? [state] : []));
}
