import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseHolidays } from "../../../src/config/calendar/ics.ts";

const calendar = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/calendar/${name}`, import.meta.url), "utf8");

const NOW_MS = Date.UTC(2026, 0, 1);

const YEAR_2026 = { fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2027, 0, 1) };

const in2026 = (name: string): string[] =>
  parseHolidays(calendar(name), "Europe/Berlin", NOW_MS)
    .filter((one) => one.fromMs >= YEAR_2026.fromMs && one.fromMs < YEAR_2026.toMs)
    .map((one) => `${new Date(one.fromMs).toISOString()} ${new Date(one.toMs).toISOString()} ${one.why}`);

test("days, yearly rules, exceptions, zones, UTC and floating times close what they say; a cancelled event closes nothing", () => {
  expect(in2026("holidays.ics")).toEqual([
    "2026-04-02T22:00:00.000Z 2026-04-03T22:00:00.000Z Good Friday",
    "2026-12-24T23:00:00.000Z 2026-12-26T23:00:00.000Z Christmas and Boxing Day",
    "2026-09-06T22:00:00.000Z 2026-09-07T22:00:00.000Z Labour Day",
    "2026-03-10T13:00:00.000Z 2026-03-10T16:00:00.000Z Release",
    "2026-03-11T09:00:00.000Z 2026-03-11T10:00:00.000Z Release in UTC",
    "2026-03-12T08:00:00.000Z 2026-03-12T09:00:00.000Z All-hands",
  ]);
});

test("a day that was taken out of a rule stays open", () => {
  const labourDays = parseHolidays(calendar("holidays.ics"), "UTC", NOW_MS).filter((one) => one.why === "Labour Day");
  const years = labourDays.map((one) => new Date(one.fromMs).getUTCFullYear());
  expect(years).toContain(2026);
  expect(years).not.toContain(2027);
  expect(years).toContain(2028);
});

test("an occurrence that was moved closes only its new day", () => {
  expect(in2026("moved.ics")).toEqual(["2026-06-11T22:00:00.000Z 2026-06-12T22:00:00.000Z Founders' Day, moved"]);
});

test("a zone that only the file defines is taken from there", () => {
  expect(in2026("outlook-zone.ics")).toEqual(["2026-07-06T07:00:00.000Z 2026-07-06T15:00:00.000Z Audit"]);
});

test.each([
  { file: "garbage.ics", part: 'line 1: "this is not" is not a line of an iCalendar file' },
  { file: "sign-in-page.bad.ics", part: "line 1:" },
  { file: "empty.bad.ics", part: "line 1: the file is empty" },
  { file: "no-event.bad.ics", part: "the file has no event" },
  { file: "cut-off.bad.ics", part: "line 2: BEGIN:VEVENT is never closed" },
  { file: "no-such-day.bad.ics", part: 'line 4: "20261245" is not a date' },
  { file: "rule.bad.ics", part: "line 5: RRULE: invalid frequency" },
  { file: "endless.bad.ics", part: 'line 5: event "Every day" repeats more than' },
  { file: "zone.bad.ics", part: 'line 4: unknown time zone "Mars/Olympus"' },
  { file: "no-start.bad.ics", part: 'line 2: event "No start" has no DTSTART' },
])("$file is refused: $part", ({ file, part }) =>
  expect(() => parseHolidays(calendar(file), "UTC", NOW_MS)).toThrow(part),
);
