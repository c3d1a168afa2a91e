import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WEEKDAYS, type WeeklyWindow } from "../../src/core/model/policy.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/model/units.ts";
import { OPEN_CALENDAR } from "../../src/core/schedule/calendar.ts";
import { nextSlots, type Slot } from "../../src/core/schedule/slots.ts";
import { cronSchedule, policy, windowsSchedule } from "../support/policies.ts";

const FROM_MS = Date.UTC(2025, 0, 1);
const TO_MS = Date.UTC(2030, 0, 1);

/**
 * Zones with odd clocks are always looked at; of the rest every eleventh, or all of them with
 * AFTERSHOCK_ALL_ZONES=1.
 */
const ODD_ZONES = [
  "Africa/Casablanca",
  "America/Nuuk",
  "America/Santiago",
  "Asia/Beirut",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Europe/Berlin",
  "Pacific/Apia",
  "Pacific/Chatham",
];
const ALL_ZONES = Intl.supportedValuesOf("timeZone");
const ZONES =
  process.env.AFTERSHOCK_ALL_ZONES === "1"
    ? ALL_ZONES
    : [...new Set([...ODD_ZONES, ...ALL_ZONES.filter((_, i) => i % 11 === 0)])];

/** What a clock on the wall shows, by way of Intl and not of the code under test. */
function wallClock(timezone: string): (atMs: number) => { date: string; weekday: string; minute: number } {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: timezone,
    hourCycle: "h23",
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  return (atMs) => {
    const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    return {
      date: `${part.year}-${part.month}-${part.day}`,
      weekday: (part.weekday ?? "").toLowerCase().slice(0, 3),
      minute: Number(part.hour) * 60 + Number(part.minute),
    };
  };
}

/**
 * Every instant in five years at which the zone's clocks are changed, found by looking at each
 * hour.
 */
function clockChanges(timezone: string): number[] {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset", year: "numeric" });
  const offsetAt = (atMs: number): string =>
    format.formatToParts(atMs).find((part) => part.type === "timeZoneName")?.value ?? "";
  const changes: number[] = [];
  for (let dayMs = FROM_MS; dayMs < TO_MS; dayMs += DAY_MS) {
    if (offsetAt(dayMs) === offsetAt(dayMs + DAY_MS)) continue;
    let atMs = dayMs;
    while (offsetAt(atMs) === offsetAt(atMs + HOUR_MS)) atMs += HOUR_MS;
    changes.push(atMs + HOUR_MS);
  }
  return changes;
}

const NIGHT: WeeklyWindow = { days: WEEKDAYS, fromMinute: 30, toMinute: 210 };
const LATE: WeeklyWindow = { days: ["sat", "sun", "thu"], fromMinute: 22 * 60 + 15, toMinute: 24 * 60 };

const inside = (windows: readonly WeeklyWindow[], at: { weekday: string; minute: number }): boolean =>
  windows.some((w) => w.days.some((day) => day === at.weekday) && w.fromMinute <= at.minute && at.minute < w.toMinute);

describe.each(ZONES)("in %s", (timezone) => {
  const wall = wallClock(timezone);
  const windows = [NIGHT, LATE];
  const perDay = 5;
  const planned = policy({ schedule: windowsSchedule(windows, perDay, { timezone }) });
  const moments = [...clockChanges(timezone), Date.UTC(2026, 2, 6)];

  test("around every clock change of five years no instant lies outside its window, and each day has its number", () => {
    for (const changeMs of moments) {
      const slots = nextSlots(planned, OPEN_CALENDAR, changeMs - 2 * DAY_MS, changeMs + 2 * DAY_MS, 7);
      expect(slots.filter((slot) => !inside(windows, wall(slot.slotMs)))).toEqual([]);

      const date = wall(changeMs).date;
      const open = Array.from({ length: (60 * HOUR_MS) / MINUTE_MS }, (_, i) => changeMs - 30 * HOUR_MS + i * MINUTE_MS)
        .map((atMs) => wall(atMs))
        .filter((at) => at.date === date && inside(windows, at)).length;
      expect(slots.filter((slot) => wall(slot.slotMs).date === date)).toHaveLength(Math.min(perDay, open));
    }
  });

  test("cron slots lie within the jitter after a run of the line", () => {
    const cron = policy({ schedule: cronSchedule("*/30 1-3 * * *", 20 * MINUTE_MS, timezone) });
    for (const changeMs of moments) {
      for (const slot of nextSlots(cron, OPEN_CALENDAR, changeMs - DAY_MS, changeMs + DAY_MS, 7)) {
        const { minute } = wall(slot.candidates.fromMs);
        expect(minute % 30).toBe(0);
        expect(minute).toBeGreaterThanOrEqual(60);
        expect(minute).toBeLessThan(4 * 60);
        expect(slot.slotMs - slot.candidates.fromMs).toBeLessThan(20 * MINUTE_MS);
      }
    }
  });
});

const anyWindow = fc
  .record({
    days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
    fromMinute: fc.integer({ min: 0, max: 1438 }),
    length: fc.integer({ min: 1, max: 1440 }),
  })
  .map(({ days, fromMinute, length }) => ({ days, fromMinute, toMinute: Math.min(1440, fromMinute + length) }));

const anySchedule = fc.record({
  timezone: fc.constantFrom(...ODD_ZONES, "UTC", "America/New_York", "Pacific/Kiritimati"),
  windows: fc.array(anyWindow, { minLength: 1, maxLength: 3 }),
  perDay: fc.integer({ min: 1, max: 40 }),
  fromMs: fc.integer({ min: FROM_MS, max: TO_MS }),
  hours: fc.integer({ min: 1, max: 24 * 8 }),
  cutHours: fc.integer({ min: 0, max: 24 * 8 }),
  seed: fc.integer({ min: 0, max: 0xffffffff }),
});

test("whoever asks, whenever and for whatever stretch, sees the same slots", () =>
  fc.assert(
    fc.property(anySchedule, fc.boolean(), ({ timezone, windows, perDay, fromMs, hours, cutHours, seed }, cron) => {
      const planned = policy({
        schedule: cron
          ? cronSchedule("7,37 */3 * * *", perDay * 10 * MINUTE_MS, timezone)
          : windowsSchedule(windows, perDay, { timezone }),
      });
      const toMs = fromMs + hours * HOUR_MS;
      const cutMs = Math.min(toMs, fromMs + cutHours * HOUR_MS);
      const slots = (a: number, b: number): readonly Slot[] => nextSlots(planned, OPEN_CALENDAR, a, b, seed);
      expect([...slots(fromMs, cutMs), ...slots(cutMs, toMs)]).toEqual(slots(fromMs, toMs));
    }),
    { numRuns: 60, seed: 1 },
  ));

test("slots are in order, each once, inside the minutes it was drawn from, and never in a closed period", () =>
  fc.assert(
    fc.property(anySchedule, ({ timezone, windows, perDay, fromMs, hours, cutHours, seed }) => {
      const planned = policy({ schedule: windowsSchedule(windows, perDay, { timezone }) });
      const freeze = { fromMs: fromMs + cutHours * HOUR_MS, toMs: fromMs + (cutHours + 9) * HOUR_MS, why: "quiet" };
      const calendar = { timezone, freezes: [freeze], holidays: [] };
      const slots = nextSlots(planned, calendar, fromMs, fromMs + hours * HOUR_MS, seed);
      expect(new Set(slots.map((slot) => slot.id)).size).toBe(slots.length);
      for (const [i, { slotMs, candidates }] of slots.entries()) {
        expect(slotMs).toBeGreaterThan(slots[i - 1]?.slotMs ?? 0);
        expect(slotMs >= freeze.fromMs && slotMs < freeze.toMs).toBe(false);
        expect(candidates.toMs - candidates.fromMs).toBe(candidates.count * MINUTE_MS);
        expect(slotMs).toBeGreaterThanOrEqual(candidates.fromMs);
        expect(slotMs).toBeLessThan(candidates.toMs);
      }
    }),
    { numRuns: 60, seed: 1 },
  ));
