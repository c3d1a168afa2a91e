import { describe, expect, test } from "vitest";
import { earlyWindowMs, failingEarly, isWatchedEarly, verdictDueMs } from "../../../src/core/experiment/early-alert.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { T0 } from "../../support/experiments.ts";
import { experiment, STEADY } from "../../support/week.ts";

const rule = { windowMs: MINUTE_MS, failures: 5, share: 0.05 };
const guarded = new Set(["shop/cart", "shop/web"]);
const look = (failures: number, requests: number, before = { requests: 600, failures: 0 }, passedMs = MINUTE_MS) =>
  failingEarly({
    rule,
    before: [{ service: "shop/cart", ...before }],
    now: [{ service: "shop/cart", requests, failures }],
    windowMs: MINUTE_MS,
    passedMs,
    guarded,
  });

describe("an early alert", () => {
  test.each([
    { name: "half of the requests at one a second", failures: 15, requests: 30, alert: true },
    { name: "a tenth of them", failures: 6, requests: 60, alert: true },
    { name: "four failures, fewer than the rule says", failures: 4, requests: 20, alert: false },
    { name: "4 % of them, less than the rule says", failures: 48, requests: 1_200, alert: false },
    { name: "nothing", failures: 0, requests: 60, alert: false },
    { name: "everything, and more failures than requests were read", failures: 60, requests: 59, alert: true },
  ])("is raised for $name: $alert", ({ failures, requests, alert }) =>
    expect(look(failures, requests).length > 0).toBe(alert),
  );

  test("is not raised where a service often fails as much", () => {
    expect(look(15, 60, { requests: 600, failures: 60 })).toEqual([]);
    expect(look(45, 60, { requests: 600, failures: 60 })).toHaveLength(1);
  });

  test("tells the share since the fault, not over the time before it", () => {
    const [one] = look(150, 1_200, { requests: 12_000, failures: 0 }, 15 * SECOND_MS);
    expect(one).toMatchObject({ service: "shop/cart", share: 0.5, before: 0 });
  });

  test("says nothing of services that have nothing to do with the target, or were never seen", () => {
    const counts = { requests: 60, failures: 60 };
    const stranger = { ...counts, service: "shop/mail" };
    const unseen = { ...counts, service: "shop/web" };
    const input = { rule, before: [{ ...counts, failures: 0, service: "shop/mail" }], windowMs: MINUTE_MS };
    expect(failingEarly({ ...input, now: [stranger, unseen], passedMs: MINUTE_MS, guarded })).toEqual([]);
  });

  test("compares two scrapes at least, and no more than the rule says", () => {
    expect(earlyWindowMs(rule, SECOND_MS)).toBe(30 * SECOND_MS);
    expect(earlyWindowMs(rule, 10 * MINUTE_MS)).toBe(MINUTE_MS);
  });

  test("is looked for from the fault to the verdict, and never in a sham", () => {
    expect(isWatchedEarly(experiment({ slotMs: T0 }))).toBe(true);
    expect(isWatchedEarly(experiment({ slotMs: T0, judged: STEADY }))).toBe(false);
    expect(isWatchedEarly(experiment({ slotMs: T0, sham: true }))).toBe(false);
  });

  test("says when the verdict is due", () => {
    const state = experiment({ slotMs: T0 });
    const { graceMs, lateMs, stepMs } = state.plan!.geometry;
    expect(verdictDueMs(state, 2 * MINUTE_MS)).toBe(state.t0Ms! + 2 * MINUTE_MS + graceMs + lateMs + stepMs);
  });
});
