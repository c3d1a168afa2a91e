import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { counted } from "../../core/text/format.ts";
import type { Clock } from "../../ports/clock.ts";
import { record } from "../records/append-event.ts";
import { endedWithoutJournal } from "./end-overdue.ts";
import { type InjectDeps, orderOf } from "./inject.ts";
import { timeFor } from "./own-time.ts";

/** A fault that could not be taken back is tried again this soon, until it is. */
const RETRY_MS = 2 * SECOND_MS;

/** Takes a standing fault back; answers the state after it, or when to try again. */
export async function undo(
  deps: InjectDeps,
  id: string,
  state: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState | { readonly untilMs: number }> {
  const notes: string[] = [];
  try {
    await deps.injector.undo(orderOf(state), signal, (what) => void notes.push(what));
  } catch (cause) {
    const why = describeError(cause);
    deps.log.error("a fault could not be taken back; it will be tried again", { experiment: id, why });
    await noteFailure(deps, id, state, why);
    return { untilMs: timeFor(deps.clock, state) + RETRY_MS };
  }
  const tries = triesOf(deps, id, state);
  if (tries > 0)
    notes.push(`${counted(tries, "try")} failed before, the last one with: ${state.undoFailed?.why ?? "no answer"}`);
  triesHere.get(deps.clock)?.delete(id);
  const before = endedWithoutJournal(deps.clock, id);
  if (before !== null) notes.push("it was taken back at its time, while the journal did not answer");
  return record(deps, id, state, {
    kind: "undone",
    atMs: before ?? timeFor(deps.clock, state),
    ...(notes.length === 0 ? {} : { notes }),
  });
}

/** Failed tries of this process that are not in the journal yet. */
const triesHere = new WeakMap<Clock, Map<string, number>>();

const triesOf = ({ clock }: InjectDeps, id: string, { undoFailed }: ExperimentState): number =>
  (undoFailed?.tries ?? 0) + (triesHere.get(clock)?.get(id) ?? 0);

/**
 * Written at the first failure, and whenever there are twice as many: a fault may be tried again
 * for hours. Never rejects.
 */
async function noteFailure(deps: InjectDeps, id: string, state: ExperimentState, why: string): Promise<void> {
  const here = triesHere.get(deps.clock) ?? new Map<string, number>();
  triesHere.set(deps.clock, here);
  here.set(id, (here.get(id) ?? 0) + 1);
  const tries = triesOf(deps, id, state);
  if (tries < 2 * (state.undoFailed?.tries ?? 0)) return;
  try {
    await record(deps, id, state, { kind: "undo-failed", tries, why });
    here.delete(id);
  } catch (cause) {
    deps.log.warn("a failed try is not in the journal yet", { experiment: id, why: describeError(cause) });
  }
}
