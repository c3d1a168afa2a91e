import { describeError } from "../../core/model/error.ts";
import type { ExperimentId } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import { overdueFaults } from "./active-faults.ts";
import { type InjectDeps, orderOf } from "./inject.ts";
import { timeFor } from "./own-time.ts";

/** Faults end through the journal as a rule; one that has not ended so long after its time … */
const JOURNAL_PATIENCE_MS = 5 * SECOND_MS;
/** … is looked for this often. */
const LOOK_EVERY_MS = 2 * SECOND_MS;

/** When this process took faults back without the journal, ms since the epoch. */
const endedBy = new WeakMap<Clock, Map<ExperimentId, number>>();

/**
 * Ends active faults at their time also while the journal is away or slow, until `signal` aborts:
 * who saw them before knows what to take back. It is written down when the journal is back. Never
 * rejects.
 */
export async function endOverdue(deps: InjectDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, injector } = deps;
  const ended = endedBy.get(clock) ?? new Map<ExperimentId, number>();
  endedBy.set(clock, ended);
  while (!signal.aborted) {
    for (const state of overdueFaults(clock, JOURNAL_PATIENCE_MS)) {
      const id = state.plan?.id ?? "";
      if (ended.has(id)) continue;
      try {
        await injector.undo(orderOf(state), signal);
        ended.set(id, timeFor(clock, state));
        log.warn("the journal is slow; a fault whose time is over was taken back without it", { experiment: id });
      } catch (cause) {
        if (!signal.aborted)
          log.error("a fault could not be taken back; it will be tried again", {
            experiment: id,
            why: describeError(cause),
          });
      }
    }
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}

/** When this process took the fault back without the journal; asked once. */
export function endedWithoutJournal(clock: Clock, id: ExperimentId): number | null {
  const atMs = endedBy.get(clock)?.get(id) ?? null;
  endedBy.get(clock)?.delete(id);
  return atMs;
}

/** Does `work`, and ends overdue faults meanwhile. */
export async function endingFaults<T>(deps: InjectDeps, work: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  const ending = endOverdue(deps, over.signal);
  try {
    return await work();
  } finally {
    over.abort();
    await ending;
  }
}
