import { ENDED, evolve } from "../../core/experiment/life.ts";
import type { ExperimentEvent, ExperimentState } from "../../core/model/experiment.ts";
import { experimentStream } from "../../core/model/journal.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Journal } from "../../ports/journal.ts";

/**
 * Told of every event after it is safe in the journal: progress on a terminal, counters. Must not
 * throw.
 */
export type Listener = (id: string, event: ExperimentEvent, state: ExperimentState) => void;

export interface RecordDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly tell: Listener;
}

/**
 * Appends one event to an experiment and answers the state after it. Rejects with
 * `journal-conflict` when somebody else was faster: then nothing was written, and the experiment
 * must be read again.
 */
export async function record(
  deps: RecordDeps,
  id: string,
  state: ExperimentState,
  event: ExperimentEvent,
): Promise<ExperimentState> {
  const next = evolve(state, event);
  await deps.journal.append(experimentStream(id), state.seq, [event], {
    atMs: deps.clock.nowMs(),
    indexMs: next.plan?.slotMs ?? deps.clock.nowMs(),
    open: !ENDED.includes(next.phase),
  });
  deps.tell(id, event, next);
  return next;
}
