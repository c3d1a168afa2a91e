import { isUnsettled, mustBeUndone } from "../../core/experiment/life.ts";
import { describeError } from "../../core/model/error.ts";
import type { ExperimentId, ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { type AdvanceDeps, stopAndUndo } from "../experiment/advance.ts";
import { orderOf } from "../inject/inject.ts";
import type { Stop } from "../inject/stop.ts";

const AGAIN_MS = SECOND_MS;

/**
 * Leaves an experiment whose process must end now: its fault is taken back, also without the
 * journal, and an intent that has no outcome gets one, until `signal` aborts. One that is settled
 * is left as it is, for whoever comes next. Never rejects.
 * @param last what this process knew of it last
 */
export async function abandon(
  deps: AdvanceDeps,
  id: ExperimentId,
  last: ExperimentState,
  why: Stop,
  signal: AbortSignal,
): Promise<void> {
  let state = last;
  while (!signal.aborted && isUnsettled(state)) {
    try {
      await stopAndUndo(deps, id, why, signal);
      state = await deps.book.experiment(id);
    } catch (cause) {
      deps.log.error("an experiment could not be ended in the journal; its fault is taken back", {
        experiment: id,
        why: describeError(cause),
      });
      await undoWithoutJournal(deps, state, signal);
    }
    if (isUnsettled(state)) await deps.clock.sleep(AGAIN_MS, signal).catch(() => undefined);
  }
}

async function undoWithoutJournal(deps: AdvanceDeps, state: ExperimentState, signal: AbortSignal): Promise<void> {
  if (!mustBeUndone(state)) return;
  await deps.injector
    .undo(orderOf(state), signal)
    .catch((cause: unknown) =>
      deps.log.error("a fault could not be taken back; it will be tried again", { why: describeError(cause) }),
    );
}
