import type { Policy } from "../../core/model/policy.ts";
import type { Calendar } from "../../core/schedule/calendar.ts";
import { nextSlots, type Slot } from "../../core/schedule/slots.ts";
import type { Queue } from "../../ports/queue.ts";

/** What a queue key asks for. Keys are texts because queues keep nothing else. */
export type WakeUp =
  | { readonly kind: "slot"; readonly policy: string; readonly slotMs: number }
  | { readonly kind: "experiment"; readonly id: string }
  | { readonly kind: "report" | "digests"; readonly atMs: number };

export function keyOf(wakeUp: WakeUp): string {
  switch (wakeUp.kind) {
    case "slot":
      return `slot/${wakeUp.slotMs}/${wakeUp.policy}`;
    case "experiment":
      return `experiment/${wakeUp.id}`;
    case "report":
    case "digests":
      return `${wakeUp.kind}/${wakeUp.atMs}`;
  }
}

/** The wake-up that `key` stands for, or null when it is not one of ours (an older version's). */
export function wakeUpOf(key: string): WakeUp | null {
  const [kind, first = "", ...rest] = key.split("/");
  const atMs = Number(first);
  switch (kind) {
    case "slot":
      return Number.isFinite(atMs) && rest.length > 0 ? { kind, slotMs: atMs, policy: rest.join("/") } : null;
    case "experiment":
      return { kind, id: [first, ...rest].join("/") };
    case "report":
    case "digests":
      return Number.isFinite(atMs) ? { kind, atMs } : null;
    default:
      return null;
  }
}

export interface ScheduleSettings {
  readonly policies: readonly Policy[];
  readonly calendar: Calendar;
  readonly seed: number;
}

/** The slots of all policies in `[fromMs, toMs)`, in order. */
export function slotsOf(settings: ScheduleSettings, fromMs: number, toMs: number): readonly Slot[] {
  return settings.policies
    .flatMap((policy) => nextSlots(policy, settings.calendar, fromMs, toMs, settings.seed))
    .toSorted((a, b) => a.slotMs - b.slotMs || a.policy.localeCompare(b.policy));
}

/**
 * The slot that a wake-up was made for, if the configuration of now still has it: a slot that was
 * planned away is gone.
 */
export function slotFor(settings: ScheduleSettings, wakeUp: Extract<WakeUp, { kind: "slot" }>): Slot | null {
  const policy = settings.policies.find((one) => one.name === wakeUp.policy);
  if (policy === undefined) return null;
  const slots = nextSlots(policy, settings.calendar, wakeUp.slotMs, wakeUp.slotMs + 1, settings.seed);
  return slots[0] ?? null;
}

/** Asks to be woken at every slot in `[fromMs, toMs)`. Asking again changes nothing. */
export async function wakeForSlots(
  queue: Queue,
  settings: ScheduleSettings,
  fromMs: number,
  toMs: number,
): Promise<number> {
  const slots = slotsOf(settings, fromMs, toMs);
  for (const slot of slots) {
    await queue.wake(keyOf({ kind: "slot", policy: slot.policy, slotMs: slot.slotMs }), slot.slotMs);
  }
  return slots.length;
}
