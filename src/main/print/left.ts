import { describeUnsettled } from "../../app/worker/take-over.ts";
import { overdueSince, undoDueMs } from "../../core/experiment/next.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { formatClock } from "../../core/text/format.ts";
import { EXIT, type Io } from "../io.ts";

/** Says of an experiment that it is waited for, and until when at most. */
export const sayWaiting =
  (timezone: string, say: (text: string) => void) =>
  (state: ExperimentState): void => {
    const dueMs = undoDueMs(state);
    const until = state.phase === "intended" || dueMs === 0 ? "" : ` until ${formatClock(dueMs, timezone)}`;
    say(`waiting${until}: ${describeUnsettled(state)}\n`);
  };

/** Says what a one-shot run leaves to the next one. */
export function sayLeft(left: readonly string[], io: Pick<Io, "err">): void {
  for (const what of left) io.err(`LEFT: ${what}\n`);
  if (left.length > 0) io.err("Run `aftershock follow-up` until nothing is left.\n");
}

/** Says of each experiment that nobody could judge how its damage is known, or closed. */
export const unknownDamage = (states: readonly ExperimentState[], nowMs: number, timezone: string): readonly string[] =>
  states.flatMap((state) => {
    const dueMs = overdueSince(state, nowMs);
    if (dueMs === null) return [];
    const id = state.plan?.id ?? "";
    return [
      `UNKNOWN: experiment ${id} could not be judged since ${formatClock(dueMs, timezone)}, so its damage counts as open. ` +
        `Mend the metrics source, or close it: aftershock close ${id} "why"`,
    ];
  });

/**
 * The exit code: while a fault is active or an intent is without an outcome, nothing is well,
 * whatever became of the experiment.
 */
export const unlessLeft = (code: number, left: readonly string[]): number =>
  code === EXIT.ok && left.length > 0 ? EXIT.failed : code;
