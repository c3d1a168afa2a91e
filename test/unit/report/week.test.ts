import { describe, expect, test } from "vitest";
import { weekAt, weekNamed, weekPlus } from "../../../src/core/report/week.ts";

describe("an ISO week", () => {
  test.each([
    { at: "2026-03-06T09:15:00Z", timezone: "Europe/Berlin", id: "2026-W10" },
    { at: "2026-03-01T22:59:59Z", timezone: "Europe/Berlin", id: "2026-W09" },
    { at: "2026-03-01T23:00:00Z", timezone: "Europe/Berlin", id: "2026-W10" },
    { at: "2026-03-01T23:00:00Z", timezone: "UTC", id: "2026-W09" },
    { at: "2027-01-01T12:00:00Z", timezone: "UTC", id: "2026-W53" },
    { at: "2024-12-30T12:00:00Z", timezone: "UTC", id: "2025-W01" },
    { at: "2026-03-01T12:00:00Z", timezone: "Pacific/Auckland", id: "2026-W10" },
  ])("$at in $timezone is $id", ({ at, timezone, id }) => expect(weekAt(Date.parse(at), timezone).id).toBe(id));

  test("is named, and goes from Monday to Monday", () => {
    const week = weekNamed("2026-W10", "Europe/Berlin");
    expect([week.fromMs, week.toMs].map((ms) => new Date(ms).toISOString())).toEqual([
      "2026-03-01T23:00:00.000Z",
      "2026-03-08T23:00:00.000Z",
    ]);
  });

  test.each([
    { id: "2026-W13", hours: 167 },
    { id: "2026-W43", hours: 169 },
    { id: "2026-W10", hours: 168 },
  ])("$id has $hours hours in Berlin", ({ id, hours }) => {
    const { fromMs, toMs } = weekNamed(id, "Europe/Berlin");
    expect((toMs - fromMs) / 3_600_000).toBe(hours);
  });

  test("the one before and the one after", () => {
    const week = weekNamed("2026-W53", "UTC");
    expect([weekPlus(week, -1).id, weekPlus(week, 1).id]).toEqual(["2026-W52", "2027-W01"]);
  });

  test.each(["2026-W54", "2025-W53", "2026-W00", "2026-10", "last", "2026-W1"])("there is no week %s", (id) =>
    expect(() => weekNamed(id, "UTC")).toThrow(`there is no week "${id}"`),
  );
});
