import { type Effect, nextEffect } from "../../core/experiment/next.ts";
import { hasCode } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { unreachable } from "../../core/unreachable.ts";
import { type DiagnoseDeps, diagnoseExperiment } from "../diagnose/diagnose.ts";
import { nowFor, untilFor } from "../inject/active-faults.ts";
import type { InjectDeps } from "../inject/inject.ts";
import { byClock } from "../inject/own-time.ts";
import { restoreIntent, restoreLost } from "../inject/restore-intent.ts";
import { settleIntent } from "../inject/settle-intent.ts";
import { type Stop, stop } from "../inject/stop.ts";
import { undo } from "../inject/undo.ts";
import { type JudgeDeps, judgeExperiment } from "../judge/judge.ts";
import { type NotifyDeps, notifyOf, notifyRecovery } from "../notify/notify.ts";
import { type ClearDeps, lookForClear } from "../observe/await-clear.ts";
import { type GuardDeps, guard } from "../observe/watch-abort.ts";
import { watchEarly } from "../observe/watch-early.ts";
import { record } from "../records/append-event.ts";
import { takeUp } from "./begin-natural.ts";
import { finalise } from "./finalise.ts";
import { type PrepareDeps, prepare } from "./prepare.ts";
import { lookForRecovery, type RecoverDeps } from "./recover.ts";

export type AdvanceDeps = PrepareDeps &
  InjectDeps &
  GuardDeps &
  ClearDeps &
  JudgeDeps &
  DiagnoseDeps &
  NotifyDeps &
  RecoverDeps;

/** What one effect leads to: a new state, or a time to come back. */
export type Outcome = ExperimentState | { readonly untilMs: number };

/**
 * What this process is doing with an experiment: the same one is never advanced twice at a time.
 */
interface Run {
  readonly done: Promise<number | null>;
  readonly cutOff: AbortController;
  /** Ends what comes before a call goes out, and nothing else. */
  readonly unprepared: AbortController;
}
const busy = new Map<string, Run>();

/** Whether this process is doing something with any experiment. */
export const isAdvancing = (): boolean => busy.size > 0;

/**
 * Gives up every preparation of this process, of whatever fault, whose call has not gone out yet:
 * somebody halted.
 */
export function cutOffPreparations(why: string): void {
  for (const { unprepared } of busy.values()) unprepared.abort(new Error(why));
}

/**
 * Does everything that is due for one experiment, and answers when to come back (ms since the
 * epoch), or null when it has ended. The journal decides what is due, so it may be called at any
 * time, any number of times, by any replica.
 */
export function advance(deps: AdvanceDeps, id: string, signal: AbortSignal): Promise<number | null> {
  return inTurn(deps, id, signal, (signals) => advanceAlone(deps, id, signals));
}

/**
 * Stops an experiment of which something stands, or may stand, and undoes it: whatever this process
 * is doing with it is cut off first, as a crash would. Answers like `advance`; an experiment of
 * which nothing can stand is left alone.
 */
export function stopAndUndo(deps: AdvanceDeps, id: string, why: Stop, signal: AbortSignal): Promise<number | null> {
  busy.get(id)?.cutOff.abort(new Error(`stopped: ${why.why}`));
  return inTurn(deps, id, signal, async (signals) => {
    await stop(deps, id, why, signals.signal);
    return advanceAlone(deps, id, signals);
  });
}

interface Signals {
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Ends what comes before a call. */
  readonly cut: AbortSignal;
}

/** Whoever is cut off by a stop comes back a moment later. */
function inTurn(
  { clock }: Pick<AdvanceDeps, "clock">,
  id: string,
  signal: AbortSignal,
  work: (signals: Signals) => Promise<number | null>,
): Promise<number | null> {
  const before = busy.get(id)?.done ?? Promise.resolve(null);
  const cutOff = new AbortController();
  const unprepared = new AbortController();
  const done = before
    .catch(() => null)
    .then(() => work({ signal: AbortSignal.any([signal, cutOff.signal]), cut: unprepared.signal }))
    .catch((cause: unknown) => {
      if (!cutOff.signal.aborted || signal.aborted) throw cause;
      return clock.nowMs() + SECOND_MS;
    });
  const mine: Run = { done, cutOff, unprepared };
  busy.set(id, mine);
  return done.finally(() => {
    if (busy.get(id) === mine) busy.delete(id);
  });
}

async function advanceAlone(deps: AdvanceDeps, id: string, signals: Signals): Promise<number | null> {
  const { signal } = signals;
  let state = await deps.book.experiment(id);
  // nobody comes back to what was never planned: the journal went back in time
  if (state.phase === "new" && (await restoreLost(deps, signal))) state = await deps.book.experiment(id);
  for (;;) {
    signal.throwIfAborted();
    const effect = nextEffect(state, nowFor(deps.clock, state));
    if (effect.do === "nothing") return null;
    try {
      const outcome = effect.do === "wait" ? effect : await perform(deps, id, state, effect, signals);
      if ("untilMs" in outcome)
        return untilFor(
          deps.clock,
          state,
          await watchEarly(deps, id, state, byClock(deps.clock, state, outcome.untilMs), signal),
        );
      state = outcome;
    } catch (cause) {
      if (!hasCode(cause, "journal-conflict")) throw cause;
      if ((await deps.book.experiment(id)).seq < state.seq) {
        deps.log.warn("the journal went back in time; this experiment goes on from what is left", { experiment: id });
        return deps.clock.nowMs() + SECOND_MS;
      }
      deps.log.info("somebody else went on with this experiment", { experiment: id });
      return deps.clock.nowMs() + (state.plan?.geometry.stepMs ?? 0);
    }
  }
}

/** What the lease knows of it, when the journal lost that; else `begin`. */
async function orRestored(
  deps: AdvanceDeps,
  id: string,
  state: ExperimentState,
  signal: AbortSignal,
  begin: () => Promise<ExperimentState>,
): Promise<Outcome> {
  return (await restoreIntent(deps, id, state, signal)) ?? begin();
}

function perform(
  deps: AdvanceDeps,
  id: string,
  state: ExperimentState,
  effect: Exclude<Effect, { do: "nothing" | "wait" }>,
  { signal, cut }: Signals,
): Promise<Outcome> {
  switch (effect.do) {
    case "prepare":
      return orRestored(deps, id, state, signal, () => prepare(deps, id, state, cut, signal));
    case "take-up":
      return takeUp(deps, id, state, signal);
    case "give-up":
      return orRestored(deps, id, state, signal, () => record(deps, id, state, { kind: "missed", why: effect.why }));
    case "settle-intent":
      return settleIntent(deps, id, state, signal);
    case "undo":
      return undo(deps, id, state, signal);
    case "guard":
      return guard(deps, id, state, signal);
    case "look-for-clear":
      return lookForClear(deps, id, state, signal);
    case "judge":
      return judgeExperiment(deps, id, state, signal);
    case "diagnose":
      return diagnoseExperiment(deps, id, state, signal);
    case "notify":
      return notifyOf(deps, id, state, signal);
    case "look-for-recovery":
      return lookForRecovery(deps, id, state, signal);
    case "notify-recovery":
      return notifyRecovery(deps, id, state, signal);
    case "finalise":
      return finalise(deps, id, state, signal);
    default:
      return unreachable(effect);
  }
}
