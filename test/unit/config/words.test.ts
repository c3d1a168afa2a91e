import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../../src/config/values/duration.ts";
import { nearest } from "../../../src/config/values/suggest.ts";
import { formatWindow, parseWindow } from "../../../src/config/values/windows.ts";

describe("durations", () => {
  test.each([
    { text: "60s", ms: 60_000 },
    { text: "5m", ms: 300_000 },
    { text: "1h30m", ms: 5_400_000 },
    { text: "2d", ms: 172_800_000 },
    { text: "250ms", ms: 250 },
    { text: "1m500ms", ms: 60_500 },
    { text: "0s", ms: 0 },
  ])("$text is $ms ms", ({ text, ms }) => expect(parseDuration(text)).toBe(ms));

  test.each(["", "5", "5 m", "m", "1.5h", "30m1h", "1h1h", "-5m", "5minutes", "٥m"])("%j is none", (text) =>
    expect(parseDuration(text)).toBeNull(),
  );

  test("what is formatted is read back", () =>
    fc.assert(
      fc.property(fc.nat(1e12), (ms) => parseDuration(formatDuration(ms)) === ms),
      { seed: 1 },
    ));
});

describe("windows", () => {
  test.each([
    { text: "mon-fri 09:00-17:00", days: ["mon", "tue", "wed", "thu", "fri"], fromMinute: 540, toMinute: 1020 },
    { text: "sat,mon 9:05 - 10:00", days: ["mon", "sat"], fromMinute: 545, toMinute: 600 },
    { text: "fri-mon 00:00-24:00", days: ["mon", "fri", "sat", "sun"], fromMinute: 0, toMinute: 1440 },
    {
      text: "daily 12:00-12:01",
      days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
      fromMinute: 720,
      toMinute: 721,
    },
    { text: "MON 08:00-09:00", days: ["mon"], fromMinute: 480, toMinute: 540 },
  ])("$text is understood", ({ text, ...window }) => expect(parseWindow(text)).toEqual(window));

  test.each(["mon-fri 09:00-17:00", "mon,wed 00:00-24:00", "daily 06:30-07:00", "sat,sun 10:00-11:00"])(
    "%s is written as it was read",
    (text) => expect(formatWindow(parseWindow(text))).toBe(text),
  );

  test.each([
    { text: "monday 09:00-17:00", part: '"monday" is not a weekday' },
    { text: "mon-wed-fri 09:00-17:00", part: "is not a range of days" },
    { text: "mon 09:60-17:00", part: '"09:60" is not a time of day' },
    { text: "mon 09:00-24:01", part: '"24:01" is not a time of day' },
    { text: "mon 09:00-09:00", part: "ends before it begins" },
    { text: "09:00-17:00", part: "is not a window" },
  ])("$text is refused: $part", ({ text, part }) => expect(() => parseWindow(text)).toThrow(part));
});

describe("did you mean", () => {
  test.each([
    { word: "namspace", known: ["namespaces", "names"], guess: "namespaces" },
    { word: "tmu", known: ["mon", "tue"], guess: null },
    { word: "teu", known: ["mon", "tue"], guess: "tue" },
    { word: "x", known: ["namespaces"], guess: null },
  ])("$word: $guess", ({ word, known, guess }) => expect(nearest(word, known)).toBe(guess));
});
