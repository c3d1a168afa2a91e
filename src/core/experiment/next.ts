import type { ExperimentState } from "../model/experiment.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../model/units.ts";
import { unreachable } from "../unreachable.ts";
import { finalLookMs } from "./final-look.ts";
import { isFinal, mustBeUndone } from "./life.ts";

/**
 * t_clear is waited for this long, then the late window starts anyway and says so (design.md §6).
 */
export const CLEAR_CAP_MS = 15 * MINUTE_MS;
/** Damage that has been open for longer than this is looked at once a day. */
const OLD_DAMAGE_MS = 7 * DAY_MS;

/** From the slot to the intent it takes seconds; whoever takes longer than this has stopped. */
const CHOOSING_MS = MINUTE_MS;

/** What is to be done with an experiment now. */
export type Effect =
  /** Choose a target, ask the gates, inject. */
  | { readonly do: "prepare" }
  /** A natural experiment needs neither target nor gates. */
  | { readonly do: "take-up" }
  | { readonly do: "give-up"; readonly why: string }
  /** An intent without an outcome was found: look the uid up, never call again. */
  | { readonly do: "settle-intent" }
  | { readonly do: "undo" }
  /** A fault stands: does it do more harm than was allowed? */
  | { readonly do: "guard" }
  | { readonly do: "look-for-clear" }
  | { readonly do: "judge" }
  | { readonly do: "diagnose" }
  | { readonly do: "notify" }
  | { readonly do: "look-for-recovery" }
  | { readonly do: "notify-recovery" }
  /**
   * The stretch that the instant was drawn from is over: compare the verdict with the instants that
   * were not drawn.
   */
  | { readonly do: "finalise" }
  | { readonly do: "wait"; readonly untilMs: number }
  | { readonly do: "nothing" };

/**
 * The late window's end: nothing later than this is judged. Later than planned when the observation
 * was extended.
 */
export function endMs(state: ExperimentState): number {
  const { extension } = state;
  return extension === null || extension.over ? plannedEndMs(state) : extension.toMs;
}

/** The late window's end as it was planned. */
export function plannedEndMs(state: ExperimentState): number {
  if (state.plan === null || state.clearMs === null)
    throw new RangeError("an experiment without t_clear has no end yet");
  return state.clearMs + state.plan.geometry.graceMs + state.plan.geometry.lateMs;
}

/** A verdict is reached one step after the end, so that the last samples have been scraped. */
export const judgeAtMs = (state: ExperimentState): number => endMs(state) + (state.plan?.geometry.stepMs ?? 0);

/** A verdict that is later than this has trouble with its source. */
const VERDICT_DUE_MS = 5 * MINUTE_MS;

/**
 * Since when an experiment should have had its verdict, when that is long ago: its damage is not
 * known, and counts as open. Null: it has one, or it is not late yet.
 */
export function overdueSince(state: ExperimentState, nowMs: number): number | null {
  if (state.phase !== "cleared") return null;
  const dueMs = judgeAtMs(state);
  return nowMs < dueMs + VERDICT_DUE_MS ? null : dueMs;
}

/**
 * Looks at open damage come every step at first, and grow rarer: half as often after every fifth
 * look, once an hour, and once a day after a week. They never end: only recovery or a person closes
 * damage.
 */
export function nextLookMs(nowMs: number, looks: number, stepMs: number, openMs = 0): number {
  if (openMs > OLD_DAMAGE_MS) return nowMs + DAY_MS;
  return nowMs + Math.min(HOUR_MS, stepMs * 2 ** Math.floor(looks / 5));
}

/**
 * Gaps between t0 and t_clear are rounded up to one of these numbers of steps, so that nulls of
 * equal geometry can be prepared.
 */
const GAP_STEPS = [1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 90] as const;

/**
 * t_clear, rounded up to the ladder of gaps and capped; a fault that stood for `standingMs` is not
 * over before.
 */
export function roundedClearMs(t0Ms: number, clearMs: number, stepMs: number, standingMs = 0): number {
  const steps = Math.max(1, Math.ceil((clearMs - t0Ms) / stepMs));
  const rounded = GAP_STEPS.find((gap) => gap >= steps) ?? steps;
  return t0Ms + Math.max(stepMs, Math.min(rounded * stepMs, standingMs + CLEAR_CAP_MS));
}

/** The one thing to do next. Pure; whoever asks gets the same answer. */
export function nextEffect(state: ExperimentState, nowMs: number): Effect {
  const { plan } = state;
  switch (state.phase) {
    case "new":
    case "refused":
    case "missed":
    case "not-injected":
      return { do: "nothing" };
    case "done":
      return mustBeUndone(state) ? { do: "undo" } : { do: "nothing" };
    case "planned": {
      if (plan?.natural !== undefined) return { do: "take-up" };
      const slotMs = plan?.slotMs ?? 0;
      if (nowMs < slotMs) return { do: "wait", untilMs: slotMs };
      if (nowMs <= slotMs + (plan?.lateAfterMs ?? 0)) return { do: "prepare" };
      const late = `the slot passed ${Math.round((nowMs - slotMs) / 1000)} s ago; nothing is injected late`;
      return { do: "give-up", why: late };
    }
    case "chosen": {
      // Another process may be choosing at this moment: only when it would be late is it surely
      // gone.
      const goneMs = (plan?.slotMs ?? 0) + Math.min(plan?.lateAfterMs ?? 0, CHOOSING_MS);
      if (nowMs < goneMs) return { do: "wait", untilMs: goneMs };
      return { do: "give-up", why: "the worker stopped between choosing and injecting; nothing was injected" };
    }
    case "intended":
      return { do: "settle-intent" };
    case "observing":
      if (!mustBeUndone(state)) return { do: "look-for-clear" };
      return nowMs >= undoDueMs(state) ? { do: "undo" } : { do: "guard" };
    case "cleared":
      if (mustBeUndone(state)) return { do: "undo" };
      return nowMs >= judgeAtMs(state) ? { do: "judge" } : { do: "wait", untilMs: judgeAtMs(state) };
    case "judged":
      return { do: "diagnose" };
    case "diagnosed":
      return { do: "notify" };
    case "damaged": {
      const due = state.nextLookMs ?? nextLookMs(judgeAtMs(state), 0, plan?.geometry.stepMs ?? MINUTE_MS);
      // first: a final look may have to wait for its history for a day, and nobody waits so long
      // for news of recovery
      if (nowMs >= due) return { do: "look-for-recovery" };
      if (isFinal(state)) return { do: "wait", untilMs: due };
      const finalMs = finalLookMs(state);
      return nowMs >= finalMs ? { do: "finalise" } : { do: "wait", untilMs: Math.min(due, finalMs) };
    }
    case "recovered":
      return { do: "notify-recovery" };
    case "provisional":
      if (mustBeUndone(state)) return { do: "undo" };
      return nowMs >= finalLookMs(state) ? { do: "finalise" } : { do: "wait", untilMs: finalLookMs(state) };
    default:
      return unreachable(state.phase);
  }
}

/** When a standing fault is taken back: at the end of its time, or at once when it was stopped. */
export function undoDueMs({ t0Ms, choice, aborted, closed }: ExperimentState): number {
  if (t0Ms === null || choice === null || aborted !== null || closed !== null) return 0;
  return t0Ms + ("durationMs" in choice.fault ? choice.fault.durationMs : 0);
}
