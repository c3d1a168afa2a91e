import { describe, expect, test } from "vitest";
import { judge, looksRecovered } from "../../../src/core/judge/judge.ts";
import { DEFAULT_MINIMUM_EFFECT, type Geometry } from "../../../src/core/model/policy.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import type { SignalVerdict } from "../../../src/core/model/verdict.ts";
import { type Behaviour, inputOf, observe, T0 } from "./scenario.ts";

const STEP_MS = 10 * SECOND_MS;
const GEOMETRY: Geometry = {
  stepMs: STEP_MS,
  beforeMs: 5 * MINUTE_MS,
  earlyMs: 90 * SECOND_MS,
  graceMs: 90 * SECOND_MS,
  lateMs: 90 * SECOND_MS,
};
const services = (slow: (atMs: number) => number, rps = 10): Behaviour[] => [
  { service: "go-app/go-app", rps: () => rps, slow: (atMs) => [slow(atMs), slow(atMs), slow(atMs)] },
  { service: "shop/web", rps: () => 10, slow: () => [0.4, 0.08, 0.01] },
];
const latencyOf = (all: readonly SignalVerdict[]): SignalVerdict =>
  all.find((v) => v.service === "go-app/go-app" && v.signal === "latency")!;
const duringSteps = (steps: number, share: number) => (atMs: number) =>
  atMs >= T0 && atMs < T0 + steps * STEP_MS ? share : 0;

describe("slow answers in one step, and none in the next 27", () => {
  test.each([1, 2, 3, 4, 5, 6])("are over, however near to zero the share was before (seed %i)", (seed) => {
    const j = judge(inputOf({ services: services(duringSteps(1, 0.2)), geometry: GEOMETRY, seed }));
    expect(latencyOf(j.verdicts).verdict.kind).toBe("transient");
    expect(j.headline).toBe("transient");
  });

  test("that were told as open close at the first clean late window, in older journals, too", () => {
    const damage: SignalVerdict = {
      ...latencyOf(judge(inputOf({ services: services(duringSteps(1, 0.2)), geometry: GEOMETRY })).verdicts),
      verdict: { kind: "unresolved" },
    };
    const older = { ...damage, effect: { ...damage.effect!, unit: "ratio" as const, most: undefined } };
    const grid = { startMs: T0 + 10 * MINUTE_MS, stepMs: STEP_MS, steps: 9 };
    for (const one of [damage, older]) {
      const [look] = looksRecovered({
        observation: observe(
          services(() => 0),
          grid,
          3,
        ),
        damage: [one as SignalVerdict],
        geometry: GEOMETRY,
        minimumEffect: DEFAULT_MINIMUM_EFFECT,
      });
      expect(look).toMatchObject({ back: true, sinceMs: grid.startMs });
    }
  });

  test("thin traffic closes within three late windows", () => {
    const input = inputOf({ services: services(duringSteps(3, 0.6), 1), geometry: GEOMETRY });
    const damage: SignalVerdict = { ...latencyOf(judge(input).verdicts), verdict: { kind: "unresolved" } };
    const grid = { startMs: T0 + 10 * MINUTE_MS, stepMs: STEP_MS, steps: 27 };
    const observation = observe(
      services(() => 0, 1),
      grid,
      3,
    );
    const [look] = looksRecovered({
      observation,
      damage: [damage],
      geometry: GEOMETRY,
      minimumEffect: DEFAULT_MINIMUM_EFFECT,
    });
    expect(look?.back).toBe(true);
  });
});

describe("six requests a minute, of which none in the steps before was slow, and then three in five", () => {
  const grid = { startMs: T0 + 10 * MINUTE_MS, stepMs: STEP_MS, steps: 27 };
  const damage: SignalVerdict = {
    ...latencyOf(judge(inputOf({ services: services(duringSteps(3, 0.6), 1), geometry: GEOMETRY })).verdicts),
    verdict: { kind: "unresolved" },
    requests: { before: 50, after: 40 },
  };
  const told: SignalVerdict = {
    ...damage,
    effect: { ...damage.effect!, before: 0, after: 0.6, most: 0, boundMs: 250 },
  };
  /** Whether it is back after `steps` of which `slow` have one slow answer each. */
  const isBack = (steps: number, slow: readonly number[]): boolean | undefined => {
    const observation = observe(
      services(() => 0),
      { ...grid, steps },
      1,
    );
    const counts = observation.services[0]!;
    const successes = new Float64Array(steps).fill(1);
    const row = Float64Array.from(successes, (_, i) => (slow.includes(i) ? 1 : 0));
    const latency = { ...counts.latency!, successes, slow: [row, row, row] };
    const own = { ...counts, requests: successes, failures: new Float64Array(steps), latency };
    const [look] = looksRecovered({
      observation: { ...observation, services: [own] },
      damage: [told],
      geometry: GEOMETRY,
      minimumEffect: DEFAULT_MINIMUM_EFFECT,
    });
    return look?.back;
  };

  test("are back after three late windows with one slow answer", () => expect(isBack(27, [4])).toBe(true));
  test("are not back before, for longer windows may tell more", () => expect(isBack(18, [4])).toBe(false));
  test("are not back while more are slow than chance would have", () => expect(isBack(27, [2, 8, 14, 20])).toBe(false));
});

describe("answers that stay slow", () => {
  test.each([0.02, 0.1, 0.5])("are persistent, and are never back while they are: share %d", (share) => {
    const slow = (atMs: number) => (atMs >= T0 ? share : 0.0005);
    const j = judge(inputOf({ services: services(slow, 50), geometry: GEOMETRY }));
    const damage = latencyOf(j.verdicts);
    expect(damage.verdict.kind).toBe("persistent");
    const grid = { startMs: T0 + 10 * MINUTE_MS, stepMs: STEP_MS, steps: 27 };
    const [look] = looksRecovered({
      observation: observe(services(slow, 50), grid, 3),
      damage: [damage],
      geometry: GEOMETRY,
      minimumEffect: DEFAULT_MINIMUM_EFFECT,
    });
    expect(look?.back).toBe(false);
  });
});
