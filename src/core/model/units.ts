/** One second in milliseconds. */
export const SECOND_MS = 1_000;
/** One minute in milliseconds. */
export const MINUTE_MS = 60 * SECOND_MS;
/** One hour in milliseconds. */
export const HOUR_MS = 60 * MINUTE_MS;
/** One day (24 hours, not a calendar day) in milliseconds. */
export const DAY_MS = 24 * HOUR_MS;
/** One week in milliseconds. */
export const WEEK_MS = 7 * DAY_MS;

/** A span of time, `fromMs` included, `toMs` not; both are milliseconds since the epoch. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}
