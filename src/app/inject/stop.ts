import { mustBeUndone } from "../../core/experiment/life.ts";
import { hasCode } from "../../core/model/error.ts";
import type { ExperimentState, Phase } from "../../core/model/experiment.ts";
import { record } from "../records/append-event.ts";
import type { Book } from "../records/experiment-reader.ts";
import { type InjectDeps, orderOf } from "./inject.ts";
import { witness } from "./settle-intent.ts";

/** Why something is stopped, and who wants it. */
export interface Stop {
  readonly why: string;
  readonly by: string;
}

/** Another replica may write at the same time; each time the experiment is read again. */
const MAX_TRIES = 5;

const STOPPABLE: readonly Phase[] = ["intended", "observing", "cleared"];

/**
 * Something of this experiment stands, or may: an order was given, or is about to be, and not taken
 * back.
 */
export const mayStand = (state: ExperimentState): boolean =>
  mustBeUndone(state) || (state.phase === "chosen" && state.choice !== null && "durationMs" in state.choice.fault);

/**
 * Writes down that an experiment is stopped, so that it is undone next, by whomever. One whose
 * order has no answer yet is undone at once, and again when it is known.
 */
export async function stop(
  deps: InjectDeps & { readonly book: Book },
  id: string,
  { why, by }: Stop,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    let state = await deps.book.experiment(id);
    if (!mustBeUndone(state)) return;
    const stopped = state.closed !== null || state.aborted !== null;
    try {
      if (!stopped && STOPPABLE.includes(state.phase))
        state = await record(deps, id, state, { kind: "cancelled", why, by });
      if (state.phase === "intended") state = await witness(deps, id, state, signal);
      if (state.phase === "intended") await deps.injector.undo(orderOf(state), signal);
      return;
    } catch (cause) {
      if (!hasCode(cause, "journal-conflict") || tries === MAX_TRIES) throw cause;
    }
  }
}
