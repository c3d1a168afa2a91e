import { DAY_MS, type Window } from "../../core/model/units.ts";
import type { ClosedPeriod } from "../../core/schedule/calendar.ts";
import { type CalendarEvent, contextOf, type EventContext, readEvent } from "./ics-event.ts";
import { type Block, readCalendars, wrongAt } from "./ics-lines.ts";
import { aligned, occurrencesOf } from "./ics-occurrences.ts";
import { dayOf } from "./ics-times.ts";

/**
 * What is further away from now is not looked at: nobody plans so far, and no worker runs so long.
 */
const PAST_MS = 366 * DAY_MS;
const FUTURE_MS = 10 * 366 * DAY_MS;

/**
 * The events of an iCalendar file (RFC 5545) as closed periods, repeated ones unfolded from a year
 * before `nowMs` until ten years after it. An event of whole days, in whatever way that is written,
 * closes these days in `timezone`; one with times closes from its start to its end (a time without
 * a zone is read in `timezone`). Cancelled events close nothing, nor do those with times that are
 * shown as free; days off are often shown as free, and close.
 * @param nowMs what has ended before it may close nothing; null: everything is unfolded, and
 * nothing has ended
 * @throws RangeError that says what is wrong, with the line; also for an event that closes nothing
 * and is neither past, cancelled nor free
 */
export function parseHolidays(text: string, timezone: string, nowMs: number | null): readonly ClosedPeriod[] {
  const calendars = readCalendars(text);
  if (!calendars.some((calendar) => calendar.blocks.some(isEvent))) throw new RangeError("the file has no event");
  return calendars.flatMap((calendar) => periodsOf(calendar, contextOf(calendar, timezone), nowMs));
}

const isEvent = ({ name }: Block): boolean => name === "VEVENT";

function periodsOf(calendar: Block, context: EventContext, nowMs: number | null): ClosedPeriod[] {
  const events = calendar.blocks.filter(isEvent).map((block) => readEvent(block, context));
  const replaced = events.filter(({ replaces }) => replaces !== null);
  const used = new Set<CalendarEvent>();
  const unfold = (event: CalendarEvent, others: readonly CalendarEvent[]): ClosedPeriod[] => {
    const occurrences = occurrencesOf(event, context);
    refuseEmpty(event, occurrences, nowMs);
    const near = nowMs === null ? occurrences : occurrences.filter((one) => isNear(one, nowMs));
    return unfolded(event, near, others, used, context);
  };
  const own = events.filter(({ replaces }) => replaces === null).flatMap((event) => unfold(event, replaced));
  // What replaces an occurrence that is not in the file stands for itself.
  return [...own, ...replaced.filter((event) => !used.has(event)).flatMap((event) => unfold(event, []))];
}

const isNear = ({ fromMs, toMs }: Window, nowMs: number): boolean =>
  toMs > nowMs - PAST_MS && fromMs < nowMs + FUTURE_MS;

function refuseEmpty(event: CalendarEvent, occurrences: readonly Window[], nowMs: number | null): void {
  if (event.isCancelled || event.isTransparent || occurrences.some(({ fromMs, toMs }) => fromMs < toMs)) return;
  const lastMs = Math.max(event.startMs, event.endMs, ...occurrences.map(({ toMs }) => toMs));
  if (nowMs !== null && event.zone.toMs(lastMs) < nowMs) return;
  const why = event.endMs < event.startMs ? "ends before it begins" : "closes nothing";
  throw wrongAt(event.line, `event "${event.title}" ${why}; give it a DTEND after its DTSTART, or remove it`);
}

/**
 * All that these occurrences of `event` close, with what replaces them; that is noted in `used`.
 */
function unfolded(
  event: CalendarEvent,
  occurrences: readonly Window[],
  others: readonly CalendarEvent[],
  used: Set<CalendarEvent>,
  context: EventContext,
): ClosedPeriod[] {
  const changes = others.filter(({ uid }) => uid !== "" && uid === event.uid).map((by) => changeOf(by, event, context));
  return occurrences.flatMap(({ fromMs, toMs }) => {
    const exact = changes.find((change) => change.atMs === fromMs);
    if (exact !== undefined) {
      used.add(exact.by);
      return closed(exact.by, exact.by.startMs, exact.by.endMs, context);
    }
    const later = changes.findLast((change) => change.andFuture && change.atMs !== null && change.atMs <= fromMs);
    if (later === undefined) return closed(event, fromMs, toMs, context);
    const shiftMs = later.by.startMs - (later.atMs ?? 0);
    return closed(later.by, fromMs + shiftMs, fromMs + shiftMs + later.by.endMs - later.by.startMs, context);
  });
}

/** What replaces which occurrence of `event`, and whether also those after it. */
function changeOf(by: CalendarEvent, event: CalendarEvent, context: EventContext) {
  const { replaces } = by;
  const atMs = replaces === null ? null : aligned(replaces.stamp, replaces.property, event, context);
  return { by, atMs, andFuture: replaces?.andFuture ?? false };
}

/** One occurrence of `event` with these walls; none when it closes nothing. */
function closed(event: CalendarEvent, fromWallMs: number, toWallMs: number, { home }: EventContext): ClosedPeriod[] {
  if (event.isCancelled || (event.isTransparent && !event.isWholeDays) || toWallMs <= fromWallMs) return [];
  const { zone, title: why } = event;
  const [fromMs, toMs] = [zone.toMs(fromWallMs), zone.toMs(toWallMs)];
  if (!event.isDaysAtHome) return [{ fromMs, toMs, why }];
  // Days that somebody's program wrote in UTC, or in its own zone: both readings are closed.
  const days = { fromMs: home.toMs(dayOf(fromWallMs)), toMs: home.toMs(Math.ceil(toWallMs / DAY_MS) * DAY_MS) };
  return [{ fromMs: Math.min(fromMs, days.fromMs), toMs: Math.max(toMs, days.toMs), why }];
}
