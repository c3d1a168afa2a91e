import ICAL from "ical.js";
import type { Window } from "../../core/model/units.ts";
import { DAY_MS } from "../../core/model/units.ts";
import { type CalendarEvent, type EventContext, zoneOf } from "./ics-event.ts";
import { type Property, wrongAt } from "./ics-lines.ts";
import { dayOf, readDuration, readStamp, type Stamp } from "./ics-times.ts";
import { icalTime, UTC } from "./ics-zones.ts";

/** Nobody plans further; an endless rule ends here. */
const END_MS = Date.UTC(2101, 0, 1);
/**
 * More than a weekly event from 2000 until 2100: what repeats more often closes the calendar for
 * good, and is a mistake.
 */
const MAX_REPEATS = 5_300;
/** The parts of a rule that RFC 5545 knows. Others (RSCALE of RFC 7529) change what it means. */
const RULE_PARTS = /^(FREQ|UNTIL|COUNT|INTERVAL|WKST|BY(SECOND|MINUTE|HOUR|DAY|MONTHDAY|YEARDAY|WEEKNO|MONTH|SETPOS))$/;

/**
 * Begin and end of every occurrence on the wall of the event's zone, unordered, without those that
 * were taken out.
 */
export function occurrencesOf(event: CalendarEvent, context: EventContext): readonly Window[] {
  const { startMs, endMs } = event;
  const lengthMs = endMs - startMs;
  const out = new Set(
    event.exceptDates.flatMap((property) => stampsOf(property).map((at) => aligned(at, property, event, context))),
  );
  const starts = new Set([startMs, ...event.rules.flatMap((rule) => repeats(rule, event, context))]);
  const all = [...starts].map((fromMs) => ({ fromMs, toMs: fromMs + lengthMs }));
  for (const property of event.moreDates) all.push(...moreDates(property, event, context));
  return all.filter(({ fromMs }) => !out.has(fromMs) && fromMs < END_MS);
}

/**
 * What `stamp` is on the wall of the event's zone; a day where the event has days. Null when the
 * two cannot be compared.
 */
export function aligned(
  stamp: Stamp,
  property: Property,
  event: Pick<CalendarEvent, "isDate" | "zone">,
  context: EventContext,
): number | null {
  if (stamp.isDate) return event.isDate ? stamp.wallMs : null;
  const wallMs = event.zone.toWallMs(zoneOf(stamp, property, context).toMs(stamp.wallMs));
  if (!event.isDate) return wallMs;
  // An event of days whose exceptions have times: midnight as it is written, or that of here.
  return dayOf(stamp.wallMs) === stamp.wallMs ? stamp.wallMs : dayOf(wallMs);
}

const stampsOf = (property: Property): Stamp[] => property.value.split(",").map((one) => readStamp(one, property));

function moreDates(property: Property, event: CalendarEvent, context: EventContext): Window[] {
  return property.value.split(",").map((one) => {
    const [begin = "", end] = one.split("/");
    const stamp = readStamp(begin, property);
    const fromMs = aligned(stamp, property, event, context);
    if (fromMs === null)
      throw wrongAt(property.line, `"${one}" is a day, and the event has times; write both in one way`);
    if (end === undefined) return { fromMs, toMs: fromMs + event.endMs - event.startMs };
    if (/^[+-]?P/.test(end)) return { fromMs, toMs: fromMs + readDuration(end, property) };
    return { fromMs, toMs: aligned(readStamp(end, property), property, event, context) ?? fromMs };
  });
}

function repeats(rule: Property, event: CalendarEvent, context: EventContext): number[] {
  const parts = new Map(rule.value.split(";").map((part) => [part.split("=")[0] ?? "", part.split("=")[1] ?? ""]));
  const strange = [...parts.keys()].find((name) => name !== "" && !RULE_PARTS.test(name.toUpperCase()));
  if (strange !== undefined) throw wrongAt(rule.line, `RRULE: ${strange} is not understood`);
  if (Number(parts.get("INTERVAL") ?? 1) < 1) throw wrongAt(rule.line, "RRULE: INTERVAL must be 1 or more");
  const until = parts.get("UNTIL");
  const lastMs = until === undefined ? END_MS : lastOf(readStamp(until, rule), event, context);
  const isMeant = filterOf(parts);
  const found: number[] = [];
  try {
    const recur = ICAL.Recur.fromString(rule.value.replace(/;?UNTIL=[^;]*/i, "").replace(/^;/, ""));
    const iterator = recur.iterator(icalTime(event.startMs));
    for (let next: ICAL.Time | null = iterator.next(); next !== null && next !== undefined; next = iterator.next()) {
      const wallMs = Date.parse(`${next.toString().slice(0, 19)}Z`);
      if (wallMs > lastMs || wallMs >= END_MS) break;
      if (isMeant(new Date(wallMs))) found.push(wallMs);
      if (found.length > MAX_REPEATS) break;
    }
  } catch (cause) {
    throw wrongAt(rule.line, `RRULE: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (found.length > MAX_REPEATS) {
    throw wrongAt(rule.line, `event "${event.title}" repeats more than ${MAX_REPEATS} times`);
  }
  return found;
}

/**
 * The last wall clock that UNTIL allows. Of an event of days it is often the midnight of some zone:
 * the later reading holds.
 */
function lastOf(until: Stamp, event: CalendarEvent, context: EventContext): number {
  if (until.isDate) return until.wallMs + DAY_MS - 1;
  const wallMs = until.isUtc ? event.zone.toWallMs(UTC.toMs(until.wallMs)) : until.wallMs;
  if (!event.isDate) return wallMs;
  return Math.max(wallMs, until.wallMs, until.isUtc ? context.home.toWallMs(until.wallMs) : wallMs);
}

/**
 * ical.js goes on to the 2nd of March from a 30th of February: days that the rule does not name are
 * left out.
 */
function filterOf(parts: ReadonlyMap<string, string>): (wall: Date) => boolean {
  const numbers = (name: string): readonly number[] | null => parts.get(name)?.split(",").map(Number) ?? null;
  const months = numbers("BYMONTH");
  const days = numbers("BYMONTHDAY");
  return (wall) => {
    const [day, month] = [wall.getUTCDate(), wall.getUTCMonth() + 1];
    const left = new Date(Date.UTC(wall.getUTCFullYear(), month, 0)).getUTCDate() - day + 1;
    return (months?.includes(month) ?? true) && (days === null || days.includes(day) || days.includes(-left));
  };
}
