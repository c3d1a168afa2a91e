import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import { type Calendar, OPEN_CALENDAR, whyClosedAt } from "../../../src/core/schedule/calendar.ts";
import { nextCronRunMs, nextSlots, slotId, whyOutsideWindow } from "../../../src/core/schedule/slots.ts";
import { cronSchedule, OFFICE_HOURS, policy, windowsSchedule } from "../../support/policies.ts";

/** Monday, 2 March 2026, 00:00 in Berlin. */
const MONDAY_MS = Date.parse("2026-03-02T00:00:00+01:00");
const week = (changes = {}, calendar = OPEN_CALENDAR, seed = 7) =>
  nextSlots(policy(changes), calendar, MONDAY_MS, MONDAY_MS + 7 * DAY_MS, seed);

test("a slot's id is its policy and its instant in UTC", () =>
  expect(slotId("go-app-pods", Date.parse("2026-03-06T09:15:00Z"))).toBe("go-app-pods-20260306T091500Z"));

test("a working week has its number a day, and none at the weekend", () => {
  const perDay = Map.groupBy(week(), (slot) => Math.floor((slot.slotMs - MONDAY_MS) / DAY_MS));
  expect([...perDay].map(([day, slots]) => [day, slots.length])).toEqual([0, 1, 2, 3, 4].map((day) => [day, 6]));
});

test("slots are spread over the day: each has its own sixth of the hours", () => {
  const monday = week().filter((slot) => slot.slotMs < MONDAY_MS + DAY_MS);
  const sixths = monday.map((slot) => Math.floor((slot.slotMs - MONDAY_MS - 9 * HOUR_MS) / (80 * MINUTE_MS)));
  expect(sixths).toEqual([0, 1, 2, 3, 4, 5]);
  expect(monday.every((slot) => slot.candidates.count === 80)).toBe(true);
});

test("another seed, cluster or policy has other instants; the same has the same", () => {
  const instants = (changes = {}, seed = 7) => week(changes, OPEN_CALENDAR, seed).map((slot) => slot.slotMs);
  expect(instants()).toEqual(instants());
  expect(instants({}, 8)).not.toEqual(instants());
  expect(instants({ name: "other" })).not.toEqual(instants());
});

test("each slot makes its choices by a seed of its own, which another cluster does not share", () => {
  const seeds = (seed = 7) => week({}, OPEN_CALENDAR, seed).map((slot) => slot.seed);
  expect(new Set([...seeds(), ...seeds(8)]).size).toBe(seeds().length + seeds(8).length);
});

test("a stretch that is cut at a slot has each slot once, in the part that begins with it", () => {
  const whole = week();
  const cutMs = whole[7]!.slotMs;
  const before = nextSlots(policy(), OPEN_CALENDAR, MONDAY_MS, cutMs, 7);
  const after = nextSlots(policy(), OPEN_CALENDAR, cutMs, MONDAY_MS + 7 * DAY_MS, 7);
  expect(before).toEqual(whole.slice(0, 7));
  expect(after).toEqual(whole.slice(7));
});

test("instants are uniform within the hours of a year", () => {
  const slots = nextSlots(policy(), OPEN_CALENDAR, MONDAY_MS, MONDAY_MS + 365 * DAY_MS, 7);
  const byHour = new Map<string, number>();
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Berlin", hour: "2-digit" });
  for (const slot of slots) byHour.set(format.format(slot.slotMs), (byHour.get(format.format(slot.slotMs)) ?? 0) + 1);
  const expected = slots.length / 8;
  const chiSquare = [...byHour.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  expect(byHour.size).toBe(8);
  // 99.9 % point of chi-square with 7 degrees of freedom.
  expect(chiSquare).toBeLessThan(24.3);
});

test("about the asked share of slots are shams", () => {
  const slots = nextSlots(policy(), OPEN_CALENDAR, MONDAY_MS, MONDAY_MS + 365 * DAY_MS, 7);
  const share = slots.filter((slot) => slot.sham).length / slots.length;
  // 1,566 slots: three standard errors are 0.027.
  expect(Math.abs(share - 0.15)).toBeLessThan(0.027);
});

test("in mode sham every slot is one, at the same instants; in mode observe there is none", () => {
  expect(week({ mode: "sham" }).every((slot) => slot.sham)).toBe(true);
  expect(week({ mode: "sham" }).map((slot) => slot.id)).toEqual(week().map((slot) => slot.id));
  expect(week({ mode: "observe" })).toEqual([]);
});

test("more slots a day than minutes are as many as the minutes", () => {
  const short = { ...OFFICE_HOURS, toMinute: OFFICE_HOURS.fromMinute + 3 };
  const slots = week({ schedule: windowsSchedule([short], 10) });
  expect(slots).toHaveLength(15);
});

test("two windows of a day share its number, and candidates never span the break", () => {
  const windows = [
    { ...OFFICE_HOURS, toMinute: 12 * 60 },
    { ...OFFICE_HOURS, fromMinute: 13 * 60 },
  ];
  const slots = week({ schedule: windowsSchedule(windows, 1) });
  expect(slots).toHaveLength(5);
  for (const { candidates } of slots) expect([180, 240]).toContain(candidates.count);
});

describe("closed periods", () => {
  const calendar: Calendar = {
    timezone: "Europe/Berlin",
    freezes: [{ fromMs: MONDAY_MS + DAY_MS, toMs: MONDAY_MS + 2 * DAY_MS, why: "release" }],
    holidays: [{ fromMs: MONDAY_MS + 3 * DAY_MS, toMs: MONDAY_MS + 4 * DAY_MS, why: "Founders' Day" }],
  };

  test("have no slot, and leave the other days as they were", () => {
    const open = week({}, calendar);
    expect(open).toEqual(week().filter((slot) => whyClosedAt(calendar, slot.slotMs) === null));
    expect(open).toHaveLength(18);
  });

  test("say why they are closed", () => {
    expect(whyClosedAt(calendar, MONDAY_MS + DAY_MS)).toBe("freeze until 2026-03-03T23:00:00.000Z: release");
    expect(whyClosedAt(calendar, MONDAY_MS + 3 * DAY_MS)).toBe("holiday: Founders' Day");
    expect(whyClosedAt(calendar, MONDAY_MS + 2 * DAY_MS)).toBeNull();
  });

  test("that cover part of a window push its slots into the rest", () => {
    const morning = {
      ...calendar,
      freezes: [{ fromMs: MONDAY_MS, toMs: MONDAY_MS + 16 * HOUR_MS, why: "audit" }],
      holidays: [],
    };
    const monday = week({}, morning).filter((slot) => slot.slotMs < MONDAY_MS + DAY_MS);
    expect(monday).toHaveLength(6);
    expect(monday.every((slot) => slot.slotMs >= MONDAY_MS + 16 * HOUR_MS)).toBe(true);
  });
});

describe("clock changes in Berlin", () => {
  const night = { days: ["sun"] as const, fromMinute: 120, toMinute: 180 };
  const on = (day: string) =>
    nextSlots(
      policy({ schedule: windowsSchedule([night], 3) }),
      OPEN_CALENDAR,
      Date.parse(`${day}T00:00Z`) - HOUR_MS,
      Date.parse(`${day}T12:00Z`),
      7,
    );

  test("the hour that is skipped in March has no slot", () => expect(on("2026-03-29")).toEqual([]));

  test("the hour that comes twice in October has its number once, over both", () => {
    const slots = on("2026-10-25");
    expect(slots).toHaveLength(3);
    expect(slots.every((slot) => slot.candidates.count === 40)).toBe(true);
  });
});

describe("cron", () => {
  test("without jitter each run is a slot", () => {
    const slots = week({ schedule: cronSchedule("30 9,15 * * 1-5", 0) });
    expect(slots).toHaveLength(10);
    expect(slots[0]).toMatchObject({ id: "go-app-pods-20260302T083000Z", candidates: { count: 1 } });
  });

  test("with jitter a slot lies in the minutes after its run", () => {
    const slots = week({ schedule: cronSchedule("0 9 * * *", 20 * MINUTE_MS) });
    expect(slots).toHaveLength(7);
    for (const slot of slots) {
      const laterMs = (slot.slotMs - MONDAY_MS - 9 * HOUR_MS) % DAY_MS;
      expect(laterMs).toBeGreaterThanOrEqual(0);
      expect(laterMs).toBeLessThan(20 * MINUTE_MS);
      expect(slot.candidates.count).toBe(20);
    }
  });

  test("jitter differs from run to run, and from cluster to cluster", () => {
    const schedule = cronSchedule("0 9 * * *", HOUR_MS);
    const minutes = (seed: number) =>
      week({ schedule }, OPEN_CALENDAR, seed).map((slot) => (slot.slotMs - MONDAY_MS) % DAY_MS);
    expect(new Set(minutes(7)).size).toBeGreaterThan(3);
    expect(minutes(8)).not.toEqual(minutes(7));
  });

  test("a cron line has no windows to be outside of", () =>
    expect(whyOutsideWindow(cronSchedule("0 9 * * 1-5", 0), MONDAY_MS - HOUR_MS)).toBeNull());

  test("two runs that are moved onto one instant are one slot", () => {
    const slots = nextSlots(
      policy({ schedule: cronSchedule("* * * * *", HOUR_MS) }),
      OPEN_CALENDAR,
      MONDAY_MS,
      MONDAY_MS + DAY_MS,
      7,
    );
    expect(new Set(slots.map((slot) => slot.id)).size).toBe(slots.length);
  });

  test("the next run is exclusive, and a line that never happens has none", () => {
    expect(nextCronRunMs("0 9 * * *", "Europe/Berlin", MONDAY_MS + 9 * HOUR_MS)).toBe(MONDAY_MS + 33 * HOUR_MS);
    expect(nextCronRunMs("0 9 31 2 *", "UTC", MONDAY_MS)).toBeNull();
  });
});

test.each([
  { at: "2026-03-06T08:59:59+01:00", open: false },
  { at: "2026-03-06T09:00:00+01:00", open: true },
  { at: "2026-03-06T16:59:59+01:00", open: true },
  { at: "2026-03-06T17:00:00+01:00", open: false },
  { at: "2026-03-07T12:00:00+01:00", open: false },
])("office hours at $at: $open", ({ at, open }) =>
  expect(whyOutsideWindow(policy().schedule, Date.parse(at)) === null).toBe(open),
);

test("no stretch, no slot", () => {
  expect(nextSlots(policy(), OPEN_CALENDAR, MONDAY_MS, MONDAY_MS, 7)).toEqual([]);
  expect(nextSlots(policy(), OPEN_CALENDAR, MONDAY_MS, MONDAY_MS - 1, 7)).toEqual([]);
});
