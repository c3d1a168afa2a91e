import { Temporal } from "temporal-polyfill";
import { AftershockError } from "../model/error.ts";
import type { Week } from "../model/weekly-report.ts";

/** The week that contains `atMs`. A week with a change of clocks is an hour shorter or longer. */
export function weekAt(atMs: number, timezone: string): Week {
  const date = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timezone).toPlainDate();
  return weekFrom(date.subtract({ days: date.dayOfWeek - 1 }), timezone);
}

/**
 * The week named `2026-W10`.
 * @throws AftershockError `usage` when there is no such week
 */
export function weekNamed(id: string, timezone: string): Week {
  const [, year, number] = /^(\d{4})-W(\d{2})$/.exec(id) ?? [];
  if (year !== undefined && number !== undefined) {
    // 4 January lies in the first week of every year: ISO 8601
    const fourth = Temporal.PlainDate.from({ year: Number(year), month: 1, day: 4 });
    const monday = fourth.subtract({ days: fourth.dayOfWeek - 1 }).add({ weeks: Number(number) - 1 });
    const week = weekFrom(monday, timezone);
    if (week.id === id) return week;
  }
  throw new AftershockError("usage", `there is no week "${id}"`, { hint: "write it as 2026-W10 (ISO 8601)" });
}

/** The week `weeks` later (or earlier, when negative). */
export const weekPlus = ({ fromMs, timezone }: Week, weeks: number): Week =>
  weekFrom(
    Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(timezone).toPlainDate().add({ weeks }),
    timezone,
  );

function weekFrom(monday: Temporal.PlainDate, timezone: string): Week {
  const startOf = (date: Temporal.PlainDate): number => date.toZonedDateTime(timezone).epochMilliseconds;
  return {
    id: `${monday.yearOfWeek}-W${String(monday.weekOfYear).padStart(2, "0")}`,
    timezone,
    fromMs: startOf(monday),
    toMs: startOf(monday.add({ weeks: 1 })),
  };
}
