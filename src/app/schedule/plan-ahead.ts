import { DAY_MS } from "../../core/model/units.ts";
import { nextCronRunMs } from "../../core/schedule/slots.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Notifier } from "../../ports/notifier.ts";
import type { Queue } from "../../ports/queue.ts";
import type { Settings } from "../preflight/settings.ts";
import { keyOf, wakeForSlots } from "./wake-ups.ts";

/**
 * Slots are put into the queue this far ahead, again and again: what is there already stays as it
 * is.
 */
const HORIZON_MS = DAY_MS;

export interface PlanAheadDeps {
  readonly clock: Clock;
  readonly queue: Queue;
  settings(): Settings;
  /** Cron line of the weekly report and its zone, or null. */
  reportSchedule(): { readonly cron: string; readonly timezone: string } | null;
  readonly notifier?: Pick<Notifier, "digests">;
}

/**
 * Asks to be woken at every slot of the next day, for the weekly report and for digests; answers
 * how many slots there are. Asking again changes nothing.
 */
export async function planAhead(deps: PlanAheadDeps): Promise<number> {
  const nowMs = deps.clock.nowMs();
  const slots = await wakeForSlots(deps.queue, deps.settings(), nowMs, nowMs + HORIZON_MS);
  const report = deps.reportSchedule();
  const atMs = report === null ? null : nextCronRunMs(report.cron, report.timezone, nowMs);
  if (atMs !== null && atMs < nowMs + HORIZON_MS) await deps.queue.wake(keyOf({ kind: "report", atMs }), atMs);
  for (const { cron } of deps.notifier?.digests ?? []) {
    const digestMs = nextCronRunMs(cron, deps.settings().timezone, nowMs);
    if (digestMs !== null) await deps.queue.wake(keyOf({ kind: "digests", atMs: digestMs }), digestMs);
  }
  return slots;
}
