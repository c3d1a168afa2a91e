import { SECOND_MS } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import { overdueFaults } from "../inject/active-faults.ts";
import type { Book } from "../records/experiment-reader.ts";

/** Somebody who cancels waits no longer than this. */
const LOOK_MS = 5 * SECOND_MS;

/**
 * Sleeps until `untilMs`, or until somebody cancels the experiment, or its fault is over by the
 * counter: nobody wakes a run that stands alone, and what is active must be undone, also when the
 * clock was set back meanwhile. A journal that cannot be read is read again; rejects when `signal`
 * aborts.
 */
export async function waitOrCancelled(
  { clock, book }: { readonly clock: Clock; readonly book: Book },
  id: string,
  untilMs: number,
  signal: AbortSignal,
): Promise<void> {
  const isCancelled = async (): Promise<boolean> => (await book.experiment(id).catch(() => null))?.cancelled ?? false;
  const before = await isCancelled();
  for (let leftMs = untilMs - clock.nowMs(); leftMs > 0; leftMs = untilMs - clock.nowMs()) {
    await clock.sleep(Math.min(leftMs, LOOK_MS), signal);
    if (overdueFaults(clock).some(({ plan }) => plan?.id === id) || (!before && (await isCancelled()))) return;
  }
}
