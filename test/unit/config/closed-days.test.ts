import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { windowsZones } from "../../../scripts/write-windows-zones.mjs";
import { closedDays, describeClosedDays } from "../../../src/config/calendar/closed-days.ts";
import { WINDOWS_ZONES } from "../../../src/config/calendar/windows-zones.ts";
import { isTimezone } from "../../../src/core/schedule/zone.ts";

const NOW_MS = Date.parse("2026-12-24T15:00:00Z");
const day = (from: string, to: string, why: string) => ({ fromMs: Date.parse(from), toMs: Date.parse(to), why });
const calendar = {
  timezone: "Europe/Berlin",
  freezes: [day("2026-12-23T23:00:00Z", "2026-12-26T23:00:00Z", "year end")],
  holidays: [
    day("2026-12-24T23:00:00Z", "2026-12-25T23:00:00Z", "Christmas"),
    day("2027-03-10T08:00:00Z", "2027-03-10T09:00:00Z", "All-hands"),
    day("2026-12-20T23:00:00Z", "2026-12-21T23:00:00Z", "past"),
    day("2027-12-24T23:00:00Z", "2027-12-25T23:00:00Z", "too far"),
  ],
};

test("closed days are those from today on, in the calendar's zone, with every reason once", () => {
  expect(closedDays(calendar, NOW_MS)).toEqual([
    { date: "2026-12-24", whole: true, why: "year end" },
    { date: "2026-12-25", whole: true, why: "year end, Christmas" },
    { date: "2026-12-26", whole: true, why: "year end" },
    { date: "2027-03-10", whole: false, why: "All-hands" },
  ]);
});

test("how many days are closed, and which come next, is said in words", () => {
  expect(describeClosedDays(calendar, NOW_MS)).toEqual([
    "4 of the next 365 days are closed, 1 of them in part",
    "next: 2026-12-24 (year end)",
    "next: 2026-12-25 (year end, Christmas)",
    "next: 2026-12-26 (year end)",
  ]);
  const open = { timezone: "UTC", freezes: [], holidays: [] };
  expect(describeClosedDays(open, NOW_MS)).toEqual(["no day is closed in the next 365 days"]);
});

test("every zone of Windows that CLDR knows is known, under a name that this machine has", () => {
  const module = new URL("../../../src/config/calendar/windows-zones.ts", import.meta.url);
  expect(readFileSync(module, "utf8")).toBe(windowsZones());
  expect(WINDOWS_ZONES.size).toBeGreaterThan(130);
  expect([...WINDOWS_ZONES.values()].filter((zone) => !isTimezone(zone))).toEqual([]);
});
