import { WEEKDAYS, type Weekday, type WeeklyWindow } from "../../core/model/policy.ts";
import { didYouMean } from "./suggest.ts";

const SHAPE = 'expected days and times, as in "mon-fri 09:00-17:00"';

/**
 * Reads `mon-fri 09:00-17:00`, `mon,wed,sat 10:00-12:00` or `daily 00:00-24:00`.
 * @throws RangeError that says what is wrong and what to write
 */
export function parseWindow(text: string): WeeklyWindow {
  const parts = /^(\S+)\s+(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})$/.exec(text.trim());
  if (parts === null) throw new RangeError(`"${text}" is not a window; ${SHAPE}`);
  const days = parseDays(parts[1] ?? "");
  const fromMinute = parseMinute(parts[2] ?? "");
  const toMinute = parseMinute(parts[3] ?? "");
  if (toMinute <= fromMinute) {
    throw new RangeError(
      `"${text}" ends before it begins; a window does not cross midnight: write two, until 24:00 and from 00:00`,
    );
  }
  return { days, fromMinute, toMinute };
}

function parseDays(text: string): readonly Weekday[] {
  if (text.toLowerCase() === "daily") return WEEKDAYS;
  const days = text.split(",").flatMap((part) => {
    const ends = part.split("-").map(parseDay);
    if (ends.length > 2) throw new RangeError(`"${part}" is not a range of days; ${SHAPE}`);
    const first = WEEKDAYS.indexOf(ends[0] ?? "mon");
    const count = (WEEKDAYS.indexOf(ends.at(-1) ?? "mon") - first + WEEKDAYS.length) % WEEKDAYS.length;
    return [...WEEKDAYS, ...WEEKDAYS].slice(first, first + count + 1);
  });
  return WEEKDAYS.filter((day) => days.includes(day));
}

function parseDay(text: string): Weekday {
  const day = WEEKDAYS.find((one) => one === text.toLowerCase());
  if (day !== undefined) return day;
  const guess = didYouMean(text, WEEKDAYS);
  throw new RangeError(`"${text}" is not a weekday${guess}; the weekdays are ${WEEKDAYS.join(", ")}`);
}

function parseMinute(text: string): number {
  const [hour = Number.NaN, minute = Number.NaN] = text.split(":").map(Number);
  const total = hour * 60 + minute;
  if (minute < 60 && total <= 1440) return total;
  throw new RangeError(`"${text}" is not a time of day between 00:00 and 24:00`);
}

/** The window as it is written: `mon-fri 09:00-17:00`. */
export function formatWindow({ days, fromMinute, toMinute }: WeeklyWindow): string {
  return `${formatDays(days)} ${formatMinute(fromMinute)}-${formatMinute(toMinute)}`;
}

function formatDays(days: readonly Weekday[]): string {
  if (days.length === WEEKDAYS.length) return "daily";
  const first = WEEKDAYS.indexOf(days[0] ?? "mon");
  const inARow = days.every((day, i) => WEEKDAYS.indexOf(day) === first + i);
  return inARow && days.length > 2 ? `${days[0]}-${days.at(-1)}` : days.join(",");
}

const formatMinute = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
