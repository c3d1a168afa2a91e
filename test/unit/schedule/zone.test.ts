import { describe, expect, test } from "vitest";
import { closedIn } from "../../../src/core/schedule/calendar.ts";
import { isTimezone, mergeWindows, subtractWindows, wallClockMs } from "../../../src/core/schedule/zone.ts";

const window = (fromMs: number, toMs: number) => ({ fromMs, toMs });

describe("windows made one", () => {
  test.each([
    { name: "overlap", given: [window(0, 5), window(3, 9)], merged: [window(0, 9)] },
    { name: "touch", given: [window(0, 5), window(5, 9)], merged: [window(0, 9)] },
    { name: "lie in one another", given: [window(0, 9), window(3, 5)], merged: [window(0, 9)] },
    { name: "lie apart, in any order", given: [window(6, 9), window(0, 5)], merged: [window(0, 5), window(6, 9)] },
    { name: "are empty or end before they begin", given: [window(2, 2), window(9, 1)], merged: [] },
    {
      name: "are many, the third joining the second",
      given: [window(0, 1), window(2, 4), window(3, 6), window(8, 9)],
      merged: [window(0, 1), window(2, 6), window(8, 9)],
    },
  ])("that $name", ({ given, merged }) => expect(mergeWindows(given)).toEqual(merged));
});

describe("a window without a hole", () => {
  test.each([
    { name: "in its middle", hole: window(3, 5), left: [window(0, 3), window(5, 9)] },
    { name: "at its beginning", hole: window(-1, 3), left: [window(3, 9)] },
    { name: "at its end", hole: window(7, 9), left: [window(0, 7)] },
    { name: "over all of it", hole: window(0, 9), left: [] },
    { name: "beside it", hole: window(9, 12), left: [window(0, 9)] },
  ])("$name", ({ hole, left }) => expect(subtractWindows([window(0, 9)], [hole])).toEqual(left));
});

test("closed periods of a window are those that share an instant with it, freezes first", () => {
  const closed = (fromMs: number, toMs: number, why: string) => ({ fromMs, toMs, why });
  const calendar = {
    timezone: "UTC",
    freezes: [closed(0, 10, "ends as it begins"), closed(5, 11, "over its beginning"), closed(30, 40, "later")],
    holidays: [closed(20, 30, "begins as it ends"), closed(19, 40, "over its end"), closed(0, 5, "before")],
  };
  expect(closedIn(calendar, window(10, 20)).map((one) => one.why)).toEqual(["over its beginning", "over its end"]);
});

test.each([
  { timezone: "Europe/Berlin", is: true },
  { timezone: "UTC", is: true },
  { timezone: "+02:00", is: false },
  { timezone: "-0200", is: false },
  { timezone: "Europe/Nowhere", is: false },
  { timezone: "", is: false },
])("the zone $timezone is a name that this machine knows: $is", ({ timezone, is }) =>
  expect(isTimezone(timezone)).toBe(is),
);

test("a clock on the wall is ahead of UTC in the east, and behind it in the west", () => {
  const noonMs = Date.parse("2026-03-06T12:00:00Z");
  expect(new Date(wallClockMs("Asia/Kathmandu", noonMs)).toISOString()).toBe("2026-03-06T17:45:00.000Z");
  expect(new Date(wallClockMs("America/New_York", noonMs)).toISOString()).toBe("2026-03-06T07:00:00.000Z");
});
