import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { counted } from "../../core/text/format.ts";
import { record } from "../records/append-event.ts";
import { type InjectDeps, orderOf } from "./inject.ts";

/** A fault that could not be taken back is tried again this soon, until it is. */
const RETRY_MS = 2 * SECOND_MS;

/** Tries of this process that failed, by experiment: told when one succeeds. */
const failed = new Map<string, { readonly tries: number; readonly why: string }>();

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
    failed.set(id, { tries: (failed.get(id)?.tries ?? 0) + 1, why: describeError(cause) });
    deps.log.error("a fault could not be taken back; it will be tried again", {
      experiment: id,
      why: describeError(cause),
    });
    return { untilMs: deps.clock.nowMs() + RETRY_MS };
  }
  const before = failed.get(id);
  failed.delete(id);
  if (before !== undefined)
    notes.push(`${counted(before.tries, "try")} failed before, the last one with: ${before.why}`);
  return record(deps, id, state, {
    kind: "undone",
    atMs: deps.clock.nowMs(),
    ...(notes.length === 0 ? {} : { notes }),
  });
}
