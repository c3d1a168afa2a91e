import { describe, expect, test } from "vitest";
import { windowsOf } from "../../../src/core/judge/input/windows.ts";
import { judge } from "../../../src/core/judge/judge.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import { type Behaviour, DEMO, inputOf, observe, T0 } from "./scenario.ts";

const GEOMETRY = { ...DEMO, lateMs: 10 * MINUTE_MS };
const CLEAR_AFTER_MS = MINUTE_MS;
/** Minutes after t0 at which the planned late window ends. */
const END = 13;

const at = (minutes: number): number => T0 + minutes * MINUTE_MS;
const always = (x: number) => () => x;
const services = (failing: (atMs: number) => number, rps = 10): Behaviour[] => [
  { service: "go-app/repeater", rps: always(rps), failing },
  { service: "go-app/go-app", rps: always(rps), failing },
  ...["shop/web", "shop/cart", "shop/stock"].map((service, i) => ({ service, rps: always(6 + 4 * i) })),
];
const until = (minutes: number) => (atMs: number) => (atMs >= T0 && atMs < at(minutes) ? 0.5 : 0);

/** The judgement of an observation that was extended by so many minutes. */
function judgedAfter(minutes: number, failing: (atMs: number) => number, historyDays: number, found = false) {
  const geometry = { ...GEOMETRY, graceMs: GEOMETRY.graceMs + minutes * MINUTE_MS };
  const input = inputOf({ services: services(failing), geometry, clearAfterMs: CLEAR_AFTER_MS, historyDays });
  return judge({
    ...input,
    geometry: GEOMETRY,
    extendedMs: minutes * MINUTE_MS,
    foundBefore: found ? [{ service: "go-app/go-app", signal: "failures" }] : [],
  });
}
const verdictOn = (judgement: ReturnType<typeof judge>) =>
  judgement.verdicts.find((v) => v.service === "go-app/go-app" && v.signal === "failures")!;

test("the late window keeps its length and lies later; grace ends where it did, and nothing between is forgotten", () => {
  const grid = { startMs: T0 - 10 * MINUTE_MS, stepMs: MINUTE_MS, steps: 60 };
  const planned = windowsOf(grid, T0, at(1), GEOMETRY);
  const later = windowsOf(grid, T0, at(1), GEOMETRY, 10 * MINUTE_MS);
  expect(later.late).toEqual({ from: planned.late.from + 10, to: planned.late.to + 10 });
  expect(later).toMatchObject({ before: planned.before, early: planned.early, graceEnds: planned.graceEnds });
  expect(later.after).toEqual({ from: planned.after.from, to: planned.after.to + 10 });
});

describe.each([
  { name: "with a day of history", historyDays: 1.5 },
  { name: "with its own window alone", historyDays: 0 },
])("damage, judged $name", ({ historyDays }) => {
  test("that stays is persistent, and nothing says that it comes back", () => {
    const verdict = verdictOn(judgedAfter(0, until(99), historyDays));
    expect(verdict).toMatchObject({ verdict: { kind: "persistent" } });
    expect(verdict.comingBack).toBeUndefined();
  });

  test("that ends just before the end is on its way back, and is told slow when it was looked at for longer", () => {
    expect(verdictOn(judgedAfter(0, until(END - 3), historyDays))).toMatchObject({
      verdict: { kind: "persistent" },
      comingBack: true,
    });
    const { verdict } = verdictOn(judgedAfter(10, until(END - 3), historyDays, true));
    expect(verdict).toMatchObject({ kind: "slow-recovery", recoveredAfterMs: { point: (END - 3) * MINUTE_MS } });
  });

  test("that stays is persistent after the longest extension, too", () => {
    const verdict = verdictOn(judgedAfter(30, until(99), historyDays, true));
    expect(verdict).toMatchObject({ verdict: { kind: "persistent" } });
    expect(verdict.comingBack).toBeUndefined();
  });
});

test("what was found before the observation was extended is not forgotten when neither window shows it any more", () => {
  const burst = (atMs: number) => (atMs >= at(6) && atMs < at(END - 3) ? 0.5 : 0);
  expect(verdictOn(judgedAfter(10, burst, 0)).verdict).toMatchObject({ kind: "inconclusive", why: "unclear" });
  const { verdict, effect } = verdictOn(judgedAfter(10, burst, 0, true));
  expect(verdict).toMatchObject({ kind: "slow-recovery", recoveredAfterMs: { point: (END - 3) * MINUTE_MS } });
  expect(effect?.after).toBeGreaterThan(0.3);
});

test("a few requests that happen to succeed are no sign that it comes back", () => {
  const sparse = observe(services(until(99), 0.05), { startMs: T0 - 10 * MINUTE_MS, stepMs: MINUTE_MS, steps: 23 }, 3);
  const input = inputOf({ services: services(until(99)), geometry: GEOMETRY, clearAfterMs: CLEAR_AFTER_MS });
  const verdict = verdictOn(judge({ ...input, observation: sparse }));
  expect(verdict.comingBack).toBeUndefined();
});
