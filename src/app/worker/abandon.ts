import { isUnsettled, mustBeUndone } from "../../core/experiment/life.ts";
import { describeError } from "../../core/model/error.ts";
import type { ExperimentId, ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { type AdvanceDeps, stopAndUndo } from "../experiment/advance.ts";
import { orderOf } from "../inject/inject.ts";
import { witnessOnLease } from "../inject/settle-intent.ts";
import type { Stop } from "../inject/stop.ts";

const AGAIN_MS = SECOND_MS;
/** A journal that is slower than this is not waited for: the fault goes first. */
const JOURNAL_PATIENCE_MS = 5 * SECOND_MS;
/** Taking a fault back without the journal is given up after this long, ms. */
const TAKE_BACK_MS = 8 * SECOND_MS;

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
  const over = new Promise<null>((resolve) => signal.addEventListener("abort", () => resolve(null), { once: true }));
  let state = last;
  while (!signal.aborted && isUnsettled(state)) {
    const ended = endInJournal(deps, id, why, signal);
    const patience = deps.clock.sleep(JOURNAL_PATIENCE_MS, signal).then(
      () => null,
      () => null,
    );
    const soon = await Promise.race([ended, patience]);
    if (soon === null) await undoWithoutJournal(deps, state);
    state = soon ?? (await Promise.race([ended, over])) ?? state;
    if (isUnsettled(state)) await deps.clock.sleep(AGAIN_MS, signal).catch(() => undefined);
  }
}

/** The state after its end, or null: the journal does not take it. */
async function endInJournal(deps: AdvanceDeps, id: ExperimentId, why: Stop, signal: AbortSignal) {
  try {
    await stopAndUndo(deps, id, why, signal);
    return await deps.book.experiment(id);
  } catch (cause) {
    const reason = describeError(cause);
    deps.log.error("an experiment could not be ended in the journal; its fault is taken back", {
      experiment: id,
      why: reason,
    });
    return null;
  }
}

/**
 * Of an intent without an outcome the lease is told first that its fault acted: afterwards nobody
 * could see it. Never rejects.
 */
async function undoWithoutJournal(deps: AdvanceDeps, state: ExperimentState): Promise<void> {
  if (!mustBeUndone(state)) return;
  const signal = AbortSignal.timeout(TAKE_BACK_MS);
  try {
    if (state.phase === "intended") await witnessOnLease(deps, () => true, signal);
    await deps.injector.undo(orderOf(state), signal);
  } catch (cause) {
    deps.log.error("a fault could not be taken back; it will be tried again", { why: describeError(cause) });
  }
}
