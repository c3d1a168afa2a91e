import { describe, expect, test } from "vitest";
import { parseHolidays } from "../../../src/config/calendar/ics.ts";

/** The first of December 2026. */
const NOW_MS = Date.UTC(2026, 11, 1);

const EVENT = (...lines: readonly string[]): string =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:1", "SUMMARY:Day", ...lines, "END:VEVENT", "END:VCALENDAR"]
    .join("\r\n")
    .concat("\r\n");

const closed = (text: string, timezone = "Europe/Berlin"): string[] =>
  parseHolidays(text, timezone, NOW_MS)
    .filter(({ fromMs }) => fromMs > Date.UTC(2026, 11, 1) && fromMs < Date.UTC(2027, 11, 1))
    .map(({ fromMs, toMs }) =>
      `${new Date(fromMs).toISOString()}/${new Date(toMs).toISOString()}`.replaceAll(":00.000Z", ""),
    );

const CHRISTMAS_EVE = ["2026-12-23T23:00/2026-12-24T23:00"];

describe("the 24th of December in Berlin is closed", () => {
  test.each([
    { as: "a day", lines: ["DTSTART;VALUE=DATE:20261224"] },
    { as: "a day that ends on the next", lines: ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261225"] },
    { as: "a day that ends on itself", lines: ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261224"] },
    { as: "a day of no length", lines: ["DTSTART;VALUE=DATE:20261224", "DURATION:P0D"] },
    { as: "a day of one day", lines: ["DTSTART;VALUE=DATE:20261224", "DURATION:P1D"] },
    { as: "a day of some hours", lines: ["DTSTART;VALUE=DATE:20261224", "DURATION:PT8H"] },
    {
      as: "a day every year",
      lines: ["DTSTART;VALUE=DATE:20201224", "DTEND;VALUE=DATE:20201224", "RRULE:FREQ=YEARLY"],
    },
    { as: "a day without VALUE=DATE", lines: ["DTSTART:20261224"] },
    { as: "days without VALUE=DATE", lines: ["DTSTART:20261224", "DTEND:20261225"] },
    { as: "a day of which only the end says so", lines: ["DTSTART:20261224", "DTEND;VALUE=DATE:20261225"] },
    {
      as: "a day with a zone",
      lines: ["DTSTART;TZID=America/New_York:20261224", "DTEND;TZID=America/New_York:20261225"],
    },
    { as: "a day that claims to be a time", lines: ["DTSTART;VALUE=DATE-TIME:20261224"] },
    { as: "midnight to midnight", lines: ["DTSTART:20261224T000000", "DTEND:20261225T000000"] },
    { as: "midnight to the same midnight", lines: ["DTSTART:20261224T000000", "DTEND:20261224T000000"] },
    { as: "midnight, without an end", lines: ["DTSTART:20261224T000000"] },
    { as: "midnight that claims to be a day", lines: ["DTSTART;VALUE=DATE:20261224T000000"] },
    { as: "midnight to the last minute", lines: ["DTSTART:20261224T000000", "DTEND:20261224T235900"] },
    { as: "midnight to the last second", lines: ["DTSTART:20261224T000000", "DTEND:20261224T235959"] },
    { as: "midnight of Berlin in UTC", lines: ["DTSTART:20261223T230000Z", "DTEND:20261224T230000Z"] },
    { as: "a free day, as holidays of Google are", lines: ["DTSTART;VALUE=DATE:20261224", "TRANSP:TRANSPARENT"] },
    {
      as: "free from midnight to midnight, as holidays of Outlook are",
      lines: [
        "DTSTART;TZID=W. Europe Standard Time:20261224T000000",
        "DTEND;TZID=W. Europe Standard Time:20261225T000000",
        "TRANSP:TRANSPARENT",
        "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
      ],
    },
    {
      as: "a zone of Windows in quotes, that the file does not define",
      lines: ['DTSTART;TZID="w. europe standard time":20261224T000000', "DURATION:P1D"],
    },
    {
      as: "a zone behind the name of a program",
      lines: ["DTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:20261224T000000", "DURATION:P1D"],
    },
    {
      as: "a day that is taken out of another year only",
      lines: ["DTSTART;VALUE=DATE:20251224", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20251224"],
    },
    {
      as: "the last day of a rule that ends at that midnight, told in UTC",
      lines: ["DTSTART;VALUE=DATE:20251224", "RRULE:FREQ=YEARLY;UNTIL=20261223T230000Z"],
    },
    { as: "the last day of a rule", lines: ["DTSTART;VALUE=DATE:20251224", "RRULE:FREQ=YEARLY;UNTIL=20261224"] },
    { as: "one of several dates", lines: ["DTSTART;VALUE=DATE:20251224", "RDATE;VALUE=DATE:20261224"] },
    { as: "one of several dates without VALUE=DATE", lines: ["DTSTART:20251224", "RDATE:20261224"] },
  ])("as $as", ({ lines }) => expect(closed(EVENT(...lines))).toEqual(CHRISTMAS_EVE));

  const plain = EVENT("DTSTART;VALUE=DATE:20261224");
  test.each([
    { as: "behind a byte order mark", text: `\uFEFF${plain}` },
    { as: "with the line ends of Unix", text: plain.replaceAll("\r\n", "\n") },
    { as: "with the line ends of an old Mac", text: plain.replaceAll("\r\n", "\r") },
    {
      as: "in small letters",
      text: plain.replace("DTSTART;VALUE=DATE", "dtstart;value=date").replace("BEGIN:VEVENT", "begin:vevent"),
    },
    { as: "over two lines", text: plain.replace("20261224", "2026\r\n 1224") },
    { as: "in the second calendar of a file", text: `${EVENT("DTSTART;VALUE=DATE:20250101")}${plain}` },
    {
      as: "beside fields that only the program understands",
      text: plain.replace(
        "UID:1",
        'UID:1\r\nX_ODD-NAME:1\r\nGEO:nowhere\r\nATTENDEE;CN="A: B":mailto:a@example.com\r\nBEGIN:VALARM\r\nTRIGGER:soon\r\nEND:VALARM',
      ),
    },
  ])("$as", ({ text }) => expect(closed(text)).toEqual(CHRISTMAS_EVE));
});

test("whole days in UTC close the days of both readings", () => {
  const utc = EVENT("DTSTART:20261224T000000Z", "DTEND:20261225T000000Z");
  expect(closed(utc, "Europe/Berlin")).toEqual(["2026-12-23T23:00/2026-12-25T00:00"]);
  expect(closed(utc, "America/Los_Angeles")).toEqual(["2026-12-24T00:00/2026-12-25T08:00"]);
});

test("times in a zone of Windows close what they say, summer and winter", () => {
  const zone = "Eastern Standard Time";
  const release = EVENT(
    `DTSTART;TZID=${zone}:20270110T090000`,
    `DTEND;TZID=${zone}:20270110T120000`,
    "RRULE:FREQ=MONTHLY;INTERVAL=6;COUNT=2",
  );
  expect(closed(release)).toEqual(["2027-01-10T14:00/2027-01-10T17:00", "2027-07-10T13:00/2027-07-10T16:00"]);
});

test("the last time of a rule is not lost when its end is told in UTC and the zone only by name", () => {
  const lines = [
    "DTSTART;TZID=Europe/Berlin:20261224T090000",
    "DURATION:PT1H",
    "RRULE:FREQ=DAILY;UNTIL=20261225T080000Z",
  ];
  expect(closed(EVENT(...lines))).toEqual(["2026-12-24T08:00/2026-12-24T09:00", "2026-12-25T08:00/2026-12-25T09:00"]);
});

describe("an occurrence that was changed", () => {
  const series = (...changes: readonly (readonly string[])[]): string =>
    EVENT("DTSTART;TZID=Europe/Berlin:20261221T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3").replace(
      "END:VCALENDAR",
      [...changes.map((lines) => ["BEGIN:VEVENT", ...lines, "END:VEVENT"].join("\r\n")), "END:VCALENDAR"].join("\r\n"),
    );
  const [FIRST, SECOND, THIRD] = [21, 22, 23].map((day) => `2026-12-${day}T08:00/2026-12-${day}T09:00`);

  test.each([
    {
      name: "is closed where it moved to, whatever zone names the old one",
      lines: ["UID:1", "RECURRENCE-ID:20261222T080000Z", "DTSTART:20261222T150000Z", "DURATION:PT1H"],
      is: [FIRST, "2026-12-22T15:00/2026-12-22T16:00", THIRD],
    },
    {
      name: "is open when it is cancelled",
      lines: [
        "UID:1",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261222T090000",
        "DTSTART;TZID=Europe/Berlin:20261222T090000",
        "DURATION:PT1H",
        "STATUS:Cancelled",
      ],
      is: [FIRST, THIRD],
    },
    {
      name: "of another event changes nothing here, and is closed",
      lines: ["UID:2", "RECURRENCE-ID;TZID=Europe/Berlin:20261222T090000", "DTSTART:20261222T150000Z", "DURATION:PT1H"],
      is: [FIRST, SECOND, THIRD, "2026-12-22T15:00/2026-12-22T16:00"],
    },
    {
      name: "that the rule does not have is closed beside it",
      lines: ["UID:1", "RECURRENCE-ID;TZID=Europe/Berlin:20261222T100000", "DTSTART:20261222T150000Z", "DURATION:PT1H"],
      is: [FIRST, SECOND, THIRD, "2026-12-22T15:00/2026-12-22T16:00"],
    },
    {
      name: "with all that follow is moved with them",
      lines: [
        "UID:1",
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20261222T090000",
        "DTSTART;TZID=Europe/Berlin:20261222T110000",
        "DURATION:PT2H",
      ],
      is: [FIRST, "2026-12-22T10:00/2026-12-22T12:00", "2026-12-23T10:00/2026-12-23T12:00"],
    },
  ])("$name", ({ lines, is }) => expect(closed(series(lines))).toEqual(is));
});

test("days that a month does not have are left out of a rule", () => {
  const leap = EVENT("DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=3");
  const days = parseHolidays(leap, "UTC", null).map(({ fromMs }) => new Date(fromMs).toISOString().slice(0, 10));
  expect(days).toEqual(["2024-02-29", "2028-02-29", "2032-02-29"]);
});

describe("an event that closes nothing", () => {
  const at = (day: string) => [`DTSTART:${day}T090000`, `DTEND:${day}T090000`];
  test.each([
    { name: "lasts no time", lines: at("20261224"), part: 'line 3: event "Day" closes nothing' },
    { name: "has no end", lines: ["DTSTART:20261224T090000"], part: 'line 3: event "Day" closes nothing' },
    {
      name: "ends before it begins",
      lines: ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261223"],
      part: 'line 3: event "Day" ends before it begins',
    },
    { name: "lasts less than no time", lines: ["DTSTART:20261224T090000", "DURATION:-PT1H"], part: "line 3: event" },
    { name: "repeats no time", lines: [...at("20201224"), "RRULE:FREQ=YEARLY"], part: "line 3: event" },
    {
      name: "was taken out in full",
      lines: ["DTSTART;VALUE=DATE:20261224", "EXDATE;VALUE=DATE:20261224"],
      part: "line 3: event",
    },
  ])("is refused when it $name", ({ lines, part }) => expect(() => closed(EVENT(...lines))).toThrow(part));

  test.each([
    { name: "past", lines: at("20261130") },
    { name: "cancelled", lines: [...at("20261224"), "STATUS:CANCELLED"] },
    { name: "free", lines: [...at("20261224"), "TRANSP:TRANSPARENT"] },
    { name: "free for some hours", lines: ["DTSTART:20261224T090000", "DTEND:20261224T100000", "TRANSP:TRANSPARENT"] },
  ])("is left alone when it is $name", ({ lines }) => expect(closed(EVENT(...lines))).toEqual([]));

  test("is left alone when the file withdraws its events", () => {
    const text = EVENT("DTSTART;VALUE=DATE:20261224").replace("VERSION:2.0", "METHOD:CANCEL");
    expect(closed(text)).toEqual([]);
  });
});

describe("what cannot be read is refused with its line", () => {
  test.each([
    { name: "a date with dashes", lines: ["DTSTART:2026-12-24"], part: 'line 6: "2026-12-24" is not a date' },
    { name: "a 30th of February", lines: ["DTSTART:20260230"], part: 'line 6: "20260230" is not a date' },
    { name: "a time with an offset", lines: ["DTSTART:20261224T090000+0100"], part: "line 6:" },
    { name: "no date", lines: ["DTSTART:"], part: "line 6:" },
    {
      name: "a day that ends at a time",
      lines: ["DTSTART:20261224", "DTEND:20261224T170000"],
      part: 'line 7: event "Day" begins with a day and ends with a time',
    },
    { name: "a time that ends on a day", lines: ["DTSTART:20261224T090000", "DTEND:20261224"], part: "line 7:" },
    {
      name: "a zone that nobody knows",
      lines: ["DTSTART:20261224T090000", "DTEND;TZID=Middle Earth Standard Time:20261224T170000"],
      part: 'line 7: unknown time zone "Middle Earth Standard Time"',
    },
    {
      name: "a rule of another calendar",
      lines: ["DTSTART:20261224", "RRULE:RSCALE=CHINESE;FREQ=YEARLY"],
      part: "line 7: RRULE: RSCALE is not understood",
    },
    {
      name: "a rule without steps",
      lines: ["DTSTART:20261224", "RRULE:FREQ=DAILY;INTERVAL=0"],
      part: "line 7: RRULE: INTERVAL must be 1 or more",
    },
    {
      name: "a rule that ends never",
      lines: ["DTSTART:20261224", "RRULE:FREQ=YEARLY;UNTIL=never"],
      part: 'line 7: "never" is not a date',
    },
    { name: "a rule of something else", lines: ["DTSTART:20261224", "RRULE:FREQ=OFTEN"], part: "line 7: RRULE:" },
    {
      name: "an exception that is no date",
      lines: ["DTSTART:20261224", "EXDATE:20261224,soon"],
      part: 'line 7: "soon" is not a date',
    },
    {
      name: "a duration that is none",
      lines: ["DTSTART:20261224T090000", "DURATION:8 hours"],
      part: 'line 7: "8 hours" is not a duration',
    },
    {
      name: "an id that is no date",
      lines: ["DTSTART:20261224", "RECURRENCE-ID:first"],
      part: 'line 7: "first" is not a date',
    },
  ])("$name", ({ lines, part }) => expect(() => closed(EVENT(...lines))).toThrow(part));

  test("a file in UTF-16", () => {
    const text = Buffer.from(`\uFEFF${EVENT("DTSTART:20261224")}`, "utf16le").toString("utf8");
    expect(() => closed(text)).toThrow("line 1: the file is not UTF-8");
  });
});
