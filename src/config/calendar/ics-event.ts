import { DAY_MS, MINUTE_MS } from "../../core/model/units.ts";
import { type Block, type Property, propertyOf, wrongAt } from "./ics-lines.ts";
import { dayOf, readDuration, readStamp, type Stamp } from "./ics-times.ts";
import { ianaZone, namedZone, UTC, type Zone } from "./ics-zones.ts";

/** Where an event stands: what its times refer to. */
export interface EventContext {
  readonly calendar: Block;
  /** Zone in which days, and times without a zone, are read. */
  readonly home: Zone;
}

/** A VEVENT with all its times as a wall clock of `zone` shows them (see `Stamp`). */
export interface CalendarEvent {
  readonly line: number;
  readonly uid: string;
  readonly title: string;
  readonly zone: Zone;
  /** It has days instead of times. */
  readonly isDate: boolean;
  /** It lasts for whole days, in whatever way that is written. */
  readonly isWholeDays: boolean;
  /** Its whole days are those of the reader, not of a zone that the file names. */
  readonly isDaysAtHome: boolean;
  readonly startMs: number;
  /** At or before `startMs`: it closes nothing. */
  readonly endMs: number;
  readonly rules: readonly Property[];
  readonly moreDates: readonly Property[];
  readonly exceptDates: readonly Property[];
  /** The occurrence of another event of this UID that it replaces. */
  readonly replaces: Replaced | null;
  readonly isCancelled: boolean;
  readonly isTransparent: boolean;
}

/** The occurrence of an event that another replaces. */
export interface Replaced {
  readonly property: Property;
  readonly stamp: Stamp;
  readonly andFuture: boolean;
}

/**
 * Reads a VEVENT.
 * @throws RangeError naming the line
 */
export function readEvent(block: Block, context: EventContext): CalendarEvent {
  const text = (name: string): string => propertyOf(block, name)?.value ?? "";
  const title =
    text("SUMMARY")
      .replace(/\\([,;\\])/g, "$1")
      .replace(/\\n/gi, " ") || "no title";
  const begin = propertyOf(block, "DTSTART");
  if (begin === null) throw wrongAt(block.line, `event "${title}" has no DTSTART`);
  const start = readStamp(begin.value, begin);
  const zone = zoneOf(start, begin, context);
  const times = { title, zone, startMs: start.wallMs, isDate: start.isDate };
  const endMs = endOf(block, times, context);
  const isMarked = /^TRUE$/i.test(text("X-MICROSOFT-CDO-ALLDAYEVENT"));
  const days = start.isDate ? null : wholeDays(start.wallMs, endMs, isMarked);
  const daysAtHome = inZone(zone, context.home, (wallMs) => dayOf(wallMs) === wallMs, start.wallMs, endMs);
  return {
    line: block.line,
    uid: text("UID"),
    ...times,
    isWholeDays: start.isDate || days !== null || isMarked || (daysAtHome && endMs > start.wallMs),
    isDaysAtHome: start.isDate || (days !== null && (isMarked || start.isUtc)),
    endMs: days ?? endMs,
    rules: block.properties.filter(({ name }) => name === "RRULE"),
    moreDates: block.properties.filter(({ name }) => name === "RDATE"),
    exceptDates: block.properties.filter(({ name }) => name === "EXDATE"),
    replaces: replacedBy(block),
    isCancelled:
      /^CANCELLED$/i.test(text("STATUS")) || /^CANCEL$/i.test(propertyOf(context.calendar, "METHOD")?.value ?? ""),
    isTransparent: /^TRANSPARENT$/i.test(text("TRANSP")),
  };
}

function replacedBy(block: Block): Replaced | null {
  const property = propertyOf(block, "RECURRENCE-ID");
  if (property === null) return null;
  const andFuture = /^THISANDFUTURE$/i.test(property.params.get("RANGE") ?? "");
  return { property, stamp: readStamp(property.value, property), andFuture };
}

/** The zone in which `stamp` of `property` is written. */
export function zoneOf(stamp: Stamp, property: Property, { calendar, home }: EventContext): Zone {
  if (stamp.isUtc) return UTC;
  const tzid = property.params.get("TZID");
  return stamp.isDate || tzid === undefined ? home : namedZone(tzid, property, calendar);
}

type Times = Pick<CalendarEvent, "title" | "zone" | "startMs" | "isDate">;

/**
 * The end on the wall of the event's zone; that of an event of days is the first midnight after it.
 */
function endOf(block: Block, { title, zone, startMs, isDate }: Times, context: EventContext): number {
  const end = propertyOf(block, "DTEND");
  if (end !== null) {
    const stamp = readStamp(end.value, end);
    if (stamp.isDate !== isDate) {
      const [from, to] = isDate ? ["day", "time"] : ["time", "day"];
      throw wrongAt(end.line, `event "${title}" begins with a ${from} and ends with a ${to}; write both in one way`);
    }
    if (isDate) return stamp.wallMs === startMs ? startMs + DAY_MS : stamp.wallMs;
    return zone.toWallMs(zoneOf(stamp, end, context).toMs(stamp.wallMs));
  }
  const duration = propertyOf(block, "DURATION");
  const lengthMs = duration === null ? 0 : readDuration(duration.value, duration);
  if (!isDate || lengthMs < 0) return startMs + lengthMs;
  return startMs + Math.max(1, Math.ceil(lengthMs / DAY_MS)) * DAY_MS;
}

/**
 * The end of the days that an event with times means: midnight to midnight, to the last minute of a
 * day, or marked so. Null for others.
 */
function wholeDays(startMs: number, endMs: number, isMarked: boolean): number | null {
  if (dayOf(startMs) !== startMs) return null;
  if (endMs === startMs) return startMs + DAY_MS;
  const endOfDay = Math.ceil(endMs / DAY_MS) * DAY_MS;
  return endMs > startMs && (isMarked || endOfDay - endMs <= MINUTE_MS) ? endOfDay : null;
}

/** `holds` of these wall clocks of `from` as clocks of `to` show them. */
const inZone = (from: Zone, to: Zone, holds: (wallMs: number) => boolean, ...wallMs: readonly number[]): boolean =>
  wallMs.every((one) => holds(to.toWallMs(from.toMs(one))));

/** Days and instants as a file without zones has them: for the calendar's own zone. */
export const contextOf = (calendar: Block, timezone: string): EventContext => ({ calendar, home: ianaZone(timezone) });
