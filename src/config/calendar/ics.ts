import ICAL from "ical.js";
import { SECOND_MS } from "../../core/model/units.ts";
import type { ClosedPeriod } from "../../core/schedule/calendar.ts";
import { isTimezone } from "../../core/schedule/zone.ts";
import { startMs } from "../values/moment.ts";
import { refuseWrongLines } from "./ics-lines.ts";

/** Nobody plans further; an endless rule ends here. */
const LAST_YEAR = 2100;
/** More than a weekly event from 2000 until 2100: what repeats more often closes the calendar for good, and is a mistake. */
const MAX_REPEATS = 5_300;

/**
 * The events of an iCalendar file (RFC 5545) as closed periods, repeated ones unfolded until 2100. An event of whole days closes these days in
 * `timezone`; one with times closes from its start to its end (a time without a zone is read in `timezone`). Cancelled events and those that are
 * shown as free close nothing.
 * @throws RangeError that says what is wrong, with the line
 */
export function parseHolidays(text: string, timezone: string): readonly ClosedPeriod[] {
  refuseWrongLines(text);
  const events = parse(text)
    .getAllSubcomponents("vevent")
    .filter((event) => !event.hasProperty("recurrence-id"));
  if (events.length === 0) throw new RangeError("the file has no event");
  return events.flatMap((component) => periodsOf(new ICAL.Event(component), timezone));
}

function parse(text: string): ICAL.Component {
  try {
    const parsed: unknown = ICAL.parse(text);
    return new ICAL.Component(parsed as unknown[]);
  } catch (cause) {
    throw new RangeError(`not an iCalendar file: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function periodsOf(event: ICAL.Event, timezone: string): ClosedPeriod[] {
  const why = event.summary ?? "no title";
  if (event.startDate === null) throw new RangeError(`event "${why}" has no DTSTART`);
  if (!event.isRecurring())
    return [periodOf(event, event.startDate, event.endDate, timezone)].filter((one) => one !== null);
  const periods: ClosedPeriod[] = [];
  const repeats = event.iterator();
  for (
    let start = repeats.next();
    start !== null && start !== undefined && start.year <= LAST_YEAR;
    start = repeats.next()
  ) {
    if (periods.length >= MAX_REPEATS) throw new RangeError(`event "${why}" repeats more than ${MAX_REPEATS} times`);
    const { item, startDate, endDate } = event.getOccurrenceDetails(start);
    const period = periodOf(item, startDate, endDate, timezone);
    if (period !== null) periods.push(period);
  }
  return periods;
}

/** One occurrence, or null when it closes nothing. */
function periodOf(event: ICAL.Event, start: ICAL.Time, end: ICAL.Time, timezone: string): ClosedPeriod | null {
  const { component } = event;
  if (component.getFirstPropertyValue("status") === "CANCELLED") return null;
  if (component.getFirstPropertyValue("transp") === "TRANSPARENT" && !start.isDate) return null;
  const tzid = component.getFirstProperty("dtstart")?.getFirstParameter("tzid") ?? null;
  const fromMs = instantOf(start, tzid, timezone);
  const toMs = instantOf(end, tzid, timezone);
  return fromMs < toMs ? { fromMs, toMs, why: event.summary ?? "no title" } : null;
}

/** Zones are taken by their IANA name where they have one, from the file's own definition where not. */
function instantOf(time: ICAL.Time, tzid: string | null, timezone: string): number {
  const wall = time.toString().slice(0, time.isDate ? 10 : 16);
  const defined = time.zone?.tzid ?? "floating";
  if (time.isDate) return startMs(timezone, wall);
  if (defined === "UTC") return time.toUnixTime() * SECOND_MS;
  const named = defined === "floating" ? tzid : defined;
  if (named === null) return startMs(timezone, wall);
  if (isTimezone(named)) return startMs(named, wall);
  if (named === defined) return time.toUnixTime() * SECOND_MS;
  throw new RangeError(`unknown time zone "${named}", and the file has no VTIMEZONE for it`);
}
