import { addDays, localSpans } from "../../core/schedule/zone.ts";

/** Minutes of a day. */
const DAY_MINUTES = 24 * 60;

/**
 * The instant at which clocks of `timezone` show `moment` (`2026-12-20` for the day's begin, or
 * `2026-12-20T18:00`) for the first time; where they skip it, the instant of the skip.
 */
export function startMs(timezone: string, moment: string): number {
  const [date = "", time = "00:00"] = moment.split("T");
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  const rest = localSpans(timezone, date, hour * 60 + minute, DAY_MINUTES)[0];
  return rest?.fromMs ?? localSpans(timezone, addDays(date, 1), 0, DAY_MINUTES)[0]?.fromMs ?? Number.NaN;
}

/**
 * The instant at which a period that is written to last until `moment` ends: a day counts in full,
 * a minute does not.
 */
export function endMs(timezone: string, moment: string): number {
  return startMs(timezone, moment.includes("T") ? moment : addDays(moment, 1));
}
