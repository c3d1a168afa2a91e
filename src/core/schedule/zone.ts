import { Temporal } from "temporal-polyfill";
import { DAY_MS, HOUR_MS, type Window } from "../model/units.ts";

/** A calendar day of a zone, `2026-03-29`. */
export type LocalDate = string;

/**
 * Farthest that any zone is from UTC, with room to spare:
 * https://data.iana.org/time-zones/theory.html
 */
const FARTHEST_OFFSET_MS = 18 * HOUR_MS;
const NANOS_PER_MS = 1_000_000;

/**
 * True when `timezone` is a zone that this machine knows by its IANA name (`Europe/Berlin`, `UTC`);
 * offsets like `+02:00` are not.
 */
export function isTimezone(timezone: string): boolean {
  if (!/^[A-Za-z]/.test(timezone)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timezone);
    return true;
  } catch {
    return false;
  }
}

const utcMidnightMs = (date: LocalDate): number => Date.parse(`${date}T00:00:00Z`);

/** The date that a clock on the wall shows at `atMs`. */
export function localDate(timezone: string, atMs: number): LocalDate {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timezone).toPlainDate().toString();
}

/**
 * What a clock on the wall shows at `atMs`, in milliseconds since 1970 as if that clock stood at
 * UTC.
 */
export function wallClockMs(timezone: string, atMs: number): number {
  const { offsetNanoseconds } = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timezone);
  return atMs + offsetNanoseconds / NANOS_PER_MS;
}

/** `date` plus `days`, on the calendar alone. */
export const addDays = (date: LocalDate, days: number): LocalDate =>
  new Date(utcMidnightMs(date) + days * DAY_MS).toISOString().slice(0, 10);

/** 0 is Monday, 6 is Sunday. */
export const weekdayIndex = (date: LocalDate): number => (new Date(utcMidnightMs(date)).getUTCDay() + 6) % 7;

/** Stretches of constant distance from UTC that cover `[fromMs, toMs)`, in order. */
function offsetSpans(timezone: string, fromMs: number, toMs: number): (Window & { readonly offsetMs: number })[] {
  const spans = [];
  let at = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(timezone);
  for (;;) {
    const next = at.getTimeZoneTransition("next");
    const endMs = next === null ? toMs : Math.min(next.epochMilliseconds, toMs);
    spans.push({ fromMs: at.epochMilliseconds, toMs: endMs, offsetMs: at.offsetNanoseconds / NANOS_PER_MS });
    if (next === null || endMs >= toMs) return spans;
    at = next;
  }
}

/**
 * The instants at which a clock on the wall of `timezone` shows a time of `date` in `[fromMinute,
 * toMinute)`. One stretch on most days; none for an hour that is skipped in spring; two for an hour
 * that comes twice in autumn.
 */
export function localSpans(timezone: string, date: LocalDate, fromMinute: number, toMinute: number): Window[] {
  const midnightMs = utcMidnightMs(date);
  const wallFromMs = midnightMs + fromMinute * 60_000;
  const wallToMs = midnightMs + toMinute * 60_000;
  const around = offsetSpans(timezone, midnightMs - FARTHEST_OFFSET_MS, midnightMs + DAY_MS + FARTHEST_OFFSET_MS);
  const pieces = around.map((span) => ({
    fromMs: Math.max(span.fromMs, wallFromMs - span.offsetMs),
    toMs: Math.min(span.toMs, wallToMs - span.offsetMs),
  }));
  return mergeWindows(pieces);
}

/** Windows in order, with those that touch or overlap made one; empty ones are dropped. */
export function mergeWindows(windows: readonly Window[]): Window[] {
  const merged: { fromMs: number; toMs: number }[] = [];
  for (const window of windows.filter((w) => w.fromMs < w.toMs).toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1);
    if (last !== undefined && window.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, window.toMs);
    else merged.push({ ...window });
  }
  return merged;
}

/** What is left of `windows` (in order, not overlapping) without `holes`. */
export function subtractWindows(windows: readonly Window[], holes: readonly Window[]): Window[] {
  return mergeWindows(holes).reduce<Window[]>(
    (left, hole) =>
      left.flatMap((w) =>
        [
          { fromMs: w.fromMs, toMs: Math.min(w.toMs, hole.fromMs) },
          { fromMs: Math.max(w.fromMs, hole.toMs), toMs: w.toMs },
        ].filter((piece) => piece.fromMs < piece.toMs),
      ),
    [...windows],
  );
}
