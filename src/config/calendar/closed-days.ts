import { DAY_MS, type Window } from "../../core/model/units.ts";
import { type Calendar, closedIn } from "../../core/schedule/calendar.ts";
import { addDays, type LocalDate, localDate, subtractWindows } from "../../core/schedule/zone.ts";
import { startMs } from "../values/moment.ts";

/** A day on which nothing is injected, at least for a while. */
export interface ClosedDay {
  readonly date: LocalDate;
  /** Closed from its begin to its end. */
  readonly whole: boolean;
  /** Why: each freeze and holiday once, separated by commas. */
  readonly why: string;
}

/** So many days are looked at: what comes once a year is among them. */
export const CLOSED_DAYS_AHEAD = 365;

/** The closed days of the next `CLOSED_DAYS_AHEAD` days from that of `nowMs` on, in order. */
export function closedDays(calendar: Calendar, nowMs: number): readonly ClosedDay[] {
  const { timezone } = calendar;
  const today = localDate(timezone, nowMs);
  const aheadMs = (CLOSED_DAYS_AHEAD + 1) * DAY_MS;
  const near = closedIn(calendar, { fromMs: nowMs - DAY_MS, toMs: nowMs + aheadMs });
  const days: ClosedDay[] = [];
  for (let i = 0; i < CLOSED_DAYS_AHEAD && near.length > 0; i++) {
    const date = addDays(today, i);
    const day: Window = { fromMs: startMs(timezone, date), toMs: startMs(timezone, addDays(date, 1)) };
    const holds = near.filter(({ fromMs, toMs }) => fromMs < day.toMs && day.fromMs < toMs);
    if (holds.length === 0) continue;
    const why = [...new Set(holds.map((period) => period.why))].join(", ");
    days.push({ date, whole: subtractWindows([day], holds).length === 0, why });
  }
  return days;
}

/** How many days are closed, and which come next. */
export function describeClosedDays(calendar: Calendar, nowMs: number): readonly string[] {
  const days = closedDays(calendar, nowMs);
  if (days.length === 0) return [`no day is closed in the next ${CLOSED_DAYS_AHEAD} days`];
  const inPart = days.filter(({ whole }) => !whole).length;
  const count = `${days.length} of the next ${CLOSED_DAYS_AHEAD} days ${days.length === 1 ? "is" : "are"} closed`;
  return [
    inPart === 0 ? count : `${count}, ${inPart} of them in part`,
    ...days.slice(0, 3).map(({ date, whole, why }) => `next: ${date}${whole ? "" : " in part"} (${why})`),
  ];
}
