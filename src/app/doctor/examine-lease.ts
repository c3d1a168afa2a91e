import { DAY_MS } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { IntentNote } from "../../ports/lease.ts";
import type { Book } from "../records/experiment-reader.ts";
import type { Check } from "./check.ts";

export interface ExamineLeaseDeps {
  readonly clock: Clock;
  readonly book: Book;
  readonly lease: { lastIntent(signal: AbortSignal): Promise<IntentNote | null> };
}

/** An intent that is older may be of a storage that was replaced since. */
const REACH_MS = DAY_MS;

/**
 * Does another journal use this lease? Two that take turns know nothing of each other's budgets,
 * cooldowns and damage.
 */
export async function leaseChecks(
  { clock, book, lease }: ExamineLeaseDeps,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const what = "lease";
  const last = await lease.lastIntent(signal);
  if (last === null) return [{ what, ok: true, says: "readable; nobody has injected yet" }];
  const at = new Date(last.t0Ms).toISOString();
  const { phase } = await book.experiment(last.experimentId);
  if (phase !== "new" || clock.nowMs() - last.t0Ms > REACH_MS)
    return [{ what, ok: true, says: `readable; the last injection was intended at ${at}` }];
  const says = `experiment ${last.experimentId} used this lease at ${at}, and this storage does not know it: somebody with another storage injects here, or the storage was lost; give each storage a lease of its own (kubernetes.lease), or share one storage`;
  return [{ what, ok: false, says }];
}
