import ICAL from "ical.js";
import { MINUTE_MS, SECOND_MS } from "../../core/model/units.ts";
import { isTimezone, wallClockMs } from "../../core/schedule/zone.ts";
import { startMs } from "../values/moment.ts";
import { type Block, type Property, propertyOf, wrongAt } from "./ics-lines.ts";
import { WINDOWS_ZONES } from "./windows-zones.ts";

/** Turns what clocks of a zone show (see `Stamp`) into instants, and back. */
export interface Zone {
  toMs(wallMs: number): number;
  toWallMs(atMs: number): number;
}

export const UTC: Zone = { toMs: (wallMs) => wallMs, toWallMs: (atMs) => atMs };

/** A zone by its IANA name. */
export const ianaZone = (name: string): Zone => ({
  toMs: (wallMs) => startMs(name, new Date(wallMs).toISOString().slice(0, 16)) + (wallMs % MINUTE_MS),
  toWallMs: (atMs) => wallClockMs(name, atMs),
});

/**
 * The zone that the TZID of `property` means: an IANA name, also behind a prefix
 * (`/mozilla.org/…/Europe/Berlin`), a name of Windows, or else what `calendar` itself defines by
 * that name.
 * @throws RangeError naming the line
 */
export function namedZone(tzid: string, property: Property, calendar: Block): Zone {
  const parts = tzid.replace(/^tzone:\/\/Microsoft\//i, "").split("/");
  const names = [tzid, ...parts.map((_, i) => parts.slice(i).join("/"))];
  const iana = names.find(isTimezone) ?? WINDOWS_ZONES.get(windowsName(tzid));
  if (iana !== undefined) return ianaZone(iana);
  const defined = calendar.blocks.find(
    (block) => block.name === "VTIMEZONE" && propertyOf(block, "TZID")?.value === tzid,
  );
  if (defined !== undefined) return zoneOfFile(defined);
  throw wrongAt(
    property.line,
    `unknown time zone "${tzid}", and the file has no VTIMEZONE for it; write a name such as Europe/Berlin`,
  );
}

/** Capitals do not matter to Windows. */
const windowsName = (tzid: string): string =>
  [...WINDOWS_ZONES.keys()].find((name) => name.toLowerCase() === tzid.toLowerCase()) ?? tzid;

function zoneOfFile(block: Block): Zone {
  try {
    const component = new ICAL.Component(ICAL.parse(textOf(block)) as unknown[]);
    const zone = new ICAL.Timezone({ component, tzid: propertyOf(block, "TZID")?.value ?? "" });
    const offsetMs = (wallMs: number): number => zone.utcOffset(icalTime(wallMs)) * SECOND_MS;
    offsetMs(0);
    return {
      toMs: (wallMs) => wallMs - offsetMs(wallMs),
      // The offset is asked for by the wall clock: once more with what that gave, which is wrong
      // only within the hour of a change.
      toWallMs: (atMs) => atMs + offsetMs(atMs + offsetMs(atMs)),
    };
  } catch (cause) {
    throw wrongAt(block.line, `VTIMEZONE cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** A wall clock as ical.js has it, without a zone. */
export function icalTime(wallMs: number): ICAL.Time {
  const wall = new Date(wallMs);
  return ICAL.Time.fromData({
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth() + 1,
    day: wall.getUTCDate(),
    hour: wall.getUTCHours(),
    minute: wall.getUTCMinutes(),
    second: wall.getUTCSeconds(),
  });
}

function textOf({ name, properties, blocks }: Block): string {
  const lines = properties.map((one) => `${one.name}:${one.value}`);
  return [`BEGIN:${name}`, ...lines, ...blocks.map(textOf), `END:${name}`].join("\r\n");
}
