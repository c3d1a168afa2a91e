import { ENDED } from "../../core/experiment/life.ts";
import { judgeAtMs } from "../../core/experiment/next.ts";
import { AftershockError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { type RecordDeps, record } from "../records/append-event.ts";
import type { Book } from "../records/experiment-reader.ts";

export interface HandDeps extends RecordDeps {
  readonly book: Book;
}

/**
 * Declares the damage of an experiment over, also of one that could not be judged. Rejects with
 * `not-found` or `usage`.
 */
export async function closeByHand(deps: HandDeps, id: string, why: string, by: string): Promise<ExperimentState> {
  const state = await existing(deps.book, id);
  const unjudged = state.phase === "cleared" && deps.clock.nowMs() >= judgeAtMs(state);
  if (state.phase !== "damaged" && !unjudged) {
    throw new AftershockError("usage", `${id} is ${state.phase}, not damaged`, {
      hint: "only open damage can be closed, and experiments that should have been judged and could not",
    });
  }
  return record(deps, id, state, { kind: "closed", why, by });
}

/**
 * Stops one experiment; what stands is undone by whoever advances it next. Rejects with `not-found`
 * or `usage`.
 */
export async function cancelByHand(deps: HandDeps, id: string, why: string, by: string): Promise<ExperimentState> {
  const state = await existing(deps.book, id);
  const possible: readonly ExperimentState["phase"][] = ["planned", "chosen", "observing", "cleared"];
  if (!possible.includes(state.phase)) {
    throw new AftershockError("usage", `${id} is ${state.phase} and cannot be cancelled`, {
      hint: ENDED.includes(state.phase) ? "it has ended" : "close its damage instead: aftershock close",
    });
  }
  return record(deps, id, state, { kind: "cancelled", why, by });
}

async function existing(book: Book, id: string): Promise<ExperimentState> {
  const state = await book.experiment(id);
  if (state.phase !== "new") return state;
  throw new AftershockError("not-found", `there is no experiment ${id}`, {
    hint: "the dashboard and `aftershock plan` show the ids",
  });
}
