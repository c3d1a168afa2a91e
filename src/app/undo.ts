import { describeError } from "../core/model/error.ts";
import type { ExperimentState } from "../core/model/experiment.ts";
import { SECOND_MS } from "../core/model/units.ts";
import { type InjectDeps, orderOf } from "./inject.ts";
import { record } from "./record.ts";

/** A fault that could not be taken back is tried again this soon, until it is. */
const RETRY_MS = 2 * SECOND_MS;

/** Takes a standing fault back; answers the state after it, or when to try again. */
export async function undo(
  deps: InjectDeps,
  id: string,
  state: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState | { readonly untilMs: number }> {
  try {
    await deps.injector.undo(orderOf(state), signal);
  } catch (cause) {
    deps.log.error("a fault could not be taken back; it will be tried again", {
      experiment: id,
      why: describeError(cause),
    });
    return { untilMs: deps.clock.nowMs() + RETRY_MS };
  }
  return record(deps, id, state, { kind: "undone", atMs: deps.clock.nowMs() });
}
