import { DAY_MS, SECOND_MS } from "../../core/model/units.ts";
import { type Property, wrongAt } from "./ics-lines.ts";

/** A date or a time as it is written. */
export interface Stamp {
  /** What a clock on the wall shows, in milliseconds since 1970 as if that clock stood at UTC. */
  readonly wallMs: number;
  /** A day without a time. */
  readonly isDate: boolean;
  /** Written with a Z. */
  readonly isUtc: boolean;
}

const STAMP = /^(\d{4})(\d\d)(\d\d)(?:T([01]\d|2[0-3])([0-5]\d)([0-5]\d|60)(Z?))?$/;
const DURATION = /^([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
/** Lengths of the parts of a duration, in the order in which they are written. */
const PARTS_MS = [7 * DAY_MS, DAY_MS, 3600 * SECOND_MS, 60 * SECOND_MS, SECOND_MS];

/** The begin of the day of `wallMs`. */
export const dayOf = (wallMs: number): number => Math.floor(wallMs / DAY_MS) * DAY_MS;

/**
 * Reads `20261224`, `20261224T090000` or `20261224T090000Z`. The form says what it is: many files
 * leave out `VALUE=DATE`.
 * @throws RangeError naming the line, also for days that no calendar has
 */
export function readStamp(text: string, { line }: Property): Stamp {
  const parts = STAMP.exec(text.trim());
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (parts ?? [])
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const midnight = new Date(Date.UTC(2000, month - 1, day));
  midnight.setUTCFullYear(year, month - 1, day);
  if (parts === null || midnight.getUTCMonth() + 1 !== month || midnight.getUTCDate() !== day) {
    throw wrongAt(line, `"${text.slice(0, 40)}" is not a date`);
  }
  const wallMs = midnight.getTime() + ((hour * 60 + minute) * 60 + second) * SECOND_MS;
  return { wallMs, isDate: parts[4] === undefined, isUtc: parts[7] === "Z" };
}

/**
 * Reads `P1D` or `-PT15M` in milliseconds.
 * @throws RangeError naming the line
 */
export function readDuration(text: string, { line }: Property): number {
  const parts = DURATION.exec(text.trim());
  const numbers = (parts ?? []).slice(2);
  if (parts === null || numbers.every((part) => part === undefined)) {
    throw wrongAt(line, `"${text.slice(0, 40)}" is not a duration`);
  }
  const ms = numbers.reduce((sum, part, i) => sum + Number(part ?? 0) * (PARTS_MS[i] ?? 0), 0);
  return parts[1] === "-" ? -ms : ms;
}
