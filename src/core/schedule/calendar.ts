import type { Window } from "../model/units.ts";

/** A stretch in which nothing is injected: a freeze or a holiday. */
export interface ClosedPeriod extends Window {
  readonly why: string;
}

/** Everything that closes the whole cluster for a while. Empty lists: always open. */
export interface Calendar {
  /** IANA zone in which freezes and holidays were written. */
  readonly timezone: string;
  readonly freezes: readonly ClosedPeriod[];
  readonly holidays: readonly ClosedPeriod[];
}

export const OPEN_CALENDAR: Calendar = { timezone: "UTC", freezes: [], holidays: [] };

/** Why nothing may be injected at `atMs`, or null. */
export function whyClosedAt(calendar: Calendar, atMs: number): string | null {
  const holds = (period: ClosedPeriod): boolean => period.fromMs <= atMs && atMs < period.toMs;
  const freeze = calendar.freezes.find(holds);
  if (freeze !== undefined) return `freeze until ${new Date(freeze.toMs).toISOString()}: ${freeze.why}`;
  const holiday = calendar.holidays.find(holds);
  return holiday === undefined ? null : `holiday: ${holiday.why}`;
}

/** All closed periods that touch `window`. */
export function closedIn(calendar: Calendar, window: Window): ClosedPeriod[] {
  return [...calendar.freezes, ...calendar.holidays].filter(
    (period) => period.fromMs < window.toMs && window.fromMs < period.toMs,
  );
}
