import { type Effect, nextEffect } from "../core/experiment/next.ts";
import { hasCode } from "../core/model/error.ts";
import type { ExperimentState } from "../core/model/experiment.ts";
import { unreachable } from "../core/model/units.ts";
import { type ClearDeps, lookForClear } from "./clear.ts";
import { type DiagnoseDeps, diagnoseExperiment } from "./diagnose.ts";
import type { InjectDeps } from "./inject.ts";
import { type JudgeDeps, judgeExperiment } from "./judge.ts";
import { type NotifyDeps, notifyOf, notifyRecovery } from "./notify.ts";
import { type PrepareDeps, prepare } from "./prepare.ts";
import { record } from "./record.ts";
import { lookForRecovery, type RecoverDeps } from "./recover.ts";
import { settleIntent } from "./settle.ts";
import { undo } from "./undo.ts";

export type AdvanceDeps = PrepareDeps & InjectDeps & ClearDeps & JudgeDeps & DiagnoseDeps & NotifyDeps & RecoverDeps;

/** What one effect leads to: a new state, or a time to come back. */
export type Outcome = ExperimentState | { readonly untilMs: number };

/** Experiments that this process is working on: the same one is never advanced twice at a time. */
const busy = new Map<string, Promise<number | null>>();

/**
 * Does everything that is due for one experiment, and answers when to come back (ms since the epoch), or null when it has ended.
 * The journal decides what is due, so it may be called at any time, any number of times, by any replica.
 */
export function advance(deps: AdvanceDeps, id: string, signal: AbortSignal): Promise<number | null> {
  const before = busy.get(id) ?? Promise.resolve(null);
  const mine = before.catch(() => null).then(() => advanceAlone(deps, id, signal));
  busy.set(id, mine);
  return mine.finally(() => {
    if (busy.get(id) === mine) busy.delete(id);
  });
}

async function advanceAlone(deps: AdvanceDeps, id: string, signal: AbortSignal): Promise<number | null> {
  let state = await deps.book.experiment(id);
  for (;;) {
    signal.throwIfAborted();
    const effect = nextEffect(state, deps.clock.nowMs());
    if (effect.do === "nothing") return null;
    if (effect.do === "wait") return effect.untilMs;
    try {
      const outcome = await perform(deps, id, state, effect, signal);
      if ("untilMs" in outcome) return outcome.untilMs;
      state = outcome;
    } catch (cause) {
      if (!hasCode(cause, "journal-conflict")) throw cause;
      deps.log.info("somebody else went on with this experiment", { experiment: id });
      return deps.clock.nowMs() + (state.plan?.geometry.stepMs ?? 0);
    }
  }
}

function perform(
  deps: AdvanceDeps,
  id: string,
  state: ExperimentState,
  effect: Exclude<Effect, { do: "nothing" | "wait" }>,
  signal: AbortSignal,
): Promise<Outcome> {
  switch (effect.do) {
    case "prepare":
      return prepare(deps, id, state, signal);
    case "give-up":
      return record(deps, id, state, { kind: "missed", why: effect.why });
    case "settle-intent":
      return settleIntent(deps, id, state, signal);
    case "undo":
      return undo(deps, id, state, signal);
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
    default:
      return unreachable(effect);
  }
}
