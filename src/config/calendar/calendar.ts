import type { Calendar, ClosedPeriod } from "../../core/schedule/calendar.ts";
import type { Path } from "../problems/problem.ts";
import type { ReadNamed, Report } from "../problems/read-named.ts";
import type { ConfigFile } from "../schema/schema.ts";
import { endMs, startMs } from "../values/moment.ts";
import { parseHolidays } from "./ics.ts";

/**
 * The calendar of the file, with the holidays that its .ics files hold. What is wrong with those
 * (at `nowMs`) is reported.
 */
export async function toCalendar(
  file: ConfigFile["calendar"],
  nowMs: number | null,
  read: ReadNamed,
  report: Report,
): Promise<Calendar> {
  const { timezone, freeze, holidays } = file;
  const freezes = freeze.map(({ from, to, why }) => ({
    fromMs: startMs(timezone, from),
    toMs: endMs(timezone, to),
    why,
  }));
  const days = holidays.dates.map((moment) => {
    const day = moment.slice(0, 10);
    return { fromMs: startMs(timezone, day), toMs: endMs(timezone, day), why: day };
  });
  const fromFiles: ClosedPeriod[] = [];
  for (const [name, path] of namedFiles(holidays.ics)) {
    const text = await read(path, name);
    if (text === null) continue;
    try {
      fromFiles.push(...parseHolidays(text, timezone, nowMs));
    } catch (cause) {
      report(path, `${name}: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
  return { timezone, freezes, holidays: [...days, ...fromFiles] };
}

function namedFiles(ics: string | readonly string[] | undefined): (readonly [string, Path])[] {
  const path = ["calendar", "holidays", "ics"];
  if (ics === undefined) return [];
  return typeof ics === "string" ? [[ics, path]] : ics.map((name, i) => [name, [...path, i]]);
}
