import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Lease } from "../../ports/lease.ts";

/**
 * How long it is waited for that an intent has an outcome: whoever finds one without looks 20 s
 * later, and a worker finds it within a minute.
 */
export const IN_FORCE_WITHIN_MS = 90 * SECOND_MS;
/** Between two looks at the lease. */
const LOOK_EVERY_MS = SECOND_MS / 4;
/**
 * Between two looks into the journal, which costs a connection: most intents have an outcome on the
 * lease within a second.
 */
const JOURNAL_EVERY_MS = 5 * SECOND_MS;
/** One look at the lease is given up after this, ms of real time. */
const LOOK_TIMEOUT_MS = 5 * SECOND_MS;

export interface InForceDeps {
  readonly clock: Clock;
  readonly lease: Pick<Lease, "lastIntent">;
  /** The experiment as the journal has it; rejects when the journal cannot be read. */
  experiment(id: string): Promise<ExperimentState>;
}

/**
 * Waits until a halt that is written is in force: until the last intent on the lease has an
 * outcome, which is said there or in the journal. A later one cannot be written. Answers why it is
 * not in force yet, or null when it is.
 */
export async function awaitInForce(deps: InForceDeps, signal: AbortSignal): Promise<string | null> {
  const beganMs = deps.clock.realMs();
  let journalDueMs = beganMs + JOURNAL_EVERY_MS;
  for (;;) {
    const nowMs = deps.clock.realMs();
    const withJournal = nowMs >= journalDueMs;
    if (withJournal) journalDueMs = nowMs + JOURNAL_EVERY_MS;
    const why = await whyNotInForce(deps, withJournal, signal).catch((cause: unknown) => {
      signal.throwIfAborted();
      return `the lease cannot be read: ${describeError(cause)}`;
    });
    if (why === null || nowMs - beganMs >= IN_FORCE_WITHIN_MS) return why;
    await deps.clock.sleep(LOOK_EVERY_MS, signal);
  }
}

async function whyNotInForce(
  { lease, experiment }: InForceDeps,
  withJournal: boolean,
  signal: AbortSignal,
): Promise<string | null> {
  const last = await lease.lastIntent(AbortSignal.any([signal, AbortSignal.timeout(LOOK_TIMEOUT_MS)]));
  if (last === null || last.outcome !== null) return null;
  const known = withJournal ? await experiment(last.experimentId).catch(() => null) : null;
  if (known !== null && hasOutcome(known)) return null;
  return `the intent of ${last.experimentId} (${last.target}) has no outcome yet: it may be in its call`;
}

/** The journal knows what became of the call. */
const hasOutcome = ({ phase }: ExperimentState): boolean =>
  phase !== "new" && phase !== "planned" && phase !== "chosen" && phase !== "intended";
