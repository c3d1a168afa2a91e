import { describe, expect, test } from "vitest";
import { extendedMs, extensionFor, nextExtensionMs, unsettled } from "../../../src/core/experiment/extension.ts";
import { evolve, replay } from "../../../src/core/experiment/life.ts";
import { endMs, judgeAtMs, nextEffect, plannedEndMs } from "../../../src/core/experiment/next.ts";
import type { ExperimentEvent } from "../../../src/core/model/experiment.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import type { Judgement, SignalVerdict, Verdict } from "../../../src/core/model/verdict.ts";
import { cleared, experimentPlan, judgementOf, podChoice, T0 } from "../../support/experiments.ts";

const { geometry } = experimentPlan();
const plan = experimentPlan({ geometry: { ...geometry, extensionMs: 30 * MINUTE_MS } });
const begun: readonly ExperimentEvent[] = [
  { kind: "planned", plan },
  { kind: "chosen", choice: podChoice() },
  { kind: "intended", t0Ms: T0 },
  { kind: "injected", t0Ms: T0 },
  cleared(T0 + MINUTE_MS),
];
/** Cleared after a minute, two of grace, five late. */
const PLANNED_END_MS = T0 + 8 * MINUTE_MS;

const BACK = { point: 1, low: 1, high: 1, level: 0.95 };
const verdictOf = (service: string, verdict: Verdict, changes: Partial<SignalVerdict> = {}): SignalVerdict => ({
  service,
  signal: "failures",
  verdict,
  z: 9,
  p: 1e-9,
  effect: null,
  onsetMs: null,
  minimumDetectable: null,
  learning: false,
  starved: false,
  requests: { before: 600, after: 600 },
  ...changes,
});
const judged = (...verdicts: readonly SignalVerdict[]): Judgement => ({
  ...judgementOf("unresolved"),
  verdicts,
  concerned: ["go-app/go-app", "go-app/repeater"],
  sourceRequests: 5,
});
const unresolved = verdictOf("go-app/go-app", { kind: "unresolved" });
const persistent = verdictOf("go-app/repeater", { kind: "persistent" });
const comingBack: SignalVerdict = { ...persistent, comingBack: true };

describe("a judgement is settled", () => {
  test.each([
    { name: "when nothing got worse", of: [verdictOf("go-app/go-app", { kind: "steady" })] },
    { name: "when all of it is back", of: [verdictOf("go-app/go-app", { kind: "transient", recoveredAfterMs: BACK })] },
    { name: "when damage clearly stays", of: [persistent] },
    { name: "when some of it clearly stays, whatever the rest does", of: [persistent, unresolved] },
    { name: "when only a bystander is not settled", of: [{ ...unresolved, service: "shop/cart" }] },
    { name: "when only a starved service is not settled", of: [{ ...unresolved, starved: true }] },
  ])("$name", ({ of }) => expect(unsettled(judged(...of))).toEqual([]));

  test.each([
    { name: "while it is not proven whether a service is back", of: [unresolved] },
    { name: "while a service is on its way back", of: [comingBack] },
    { name: "while one is on its way back and nothing is proven of another", of: [comingBack, unresolved] },
  ])("but not $name", ({ of }) => expect(unsettled(judged(...of))).toEqual(of));
});

describe("an extension", () => {
  const state = replay(begun);

  test.each([
    { name: "is a late window at first", beforeMin: 0, nextMin: 5 },
    { name: "grows twice as long with each step", beforeMin: 5, nextMin: 15 },
    { name: "ends where the setting says", beforeMin: 15, nextMin: 30 },
    { name: "is not longer than that", beforeMin: 30, nextMin: 30 },
  ])("$name", ({ beforeMin, nextMin }) =>
    expect(nextExtensionMs(beforeMin * MINUTE_MS, plan.geometry)).toBe(nextMin * MINUTE_MS),
  );

  test.each([
    { name: "shorter than a late window", extensionMs: 2 * MINUTE_MS, nextMs: 2 * MINUTE_MS },
    { name: "that is no whole number of steps", extensionMs: 2.5 * MINUTE_MS, nextMs: 2 * MINUTE_MS },
    { name: "of nothing", extensionMs: 0, nextMs: 0 },
  ])("$name is kept to", ({ extensionMs, nextMs }) =>
    expect(nextExtensionMs(0, { ...geometry, extensionMs })).toBe(nextMs),
  );

  test("says until when and why, and remembers what was found", () => {
    expect(extensionFor(state, judged(unresolved, comingBack))).toEqual({
      kind: "extended",
      toMs: PLANNED_END_MS + 5 * MINUTE_MS,
      why: "it is not proven yet whether go-app/go-app and go-app/repeater recovered",
      found: [
        { service: "go-app/go-app", signal: "failures" },
        { service: "go-app/repeater", signal: "failures" },
      ],
      sourceRequests: 5,
    });
    expect(extensionFor(state, judged(comingBack))?.why).toBe("go-app/repeater is on the way back");
  });

  test.each([
    { name: "when the judgement is settled", of: state, judgement: judged(persistent) },
    {
      name: "when the plan allows none, as those of earlier versions",
      of: replay([{ kind: "planned", plan: experimentPlan() }, ...begun.slice(1)]),
      judgement: judged(unresolved),
    },
    {
      name: "when somebody cancelled it",
      of: evolve(state, { kind: "cancelled", why: "enough", by: "ana" }),
      judgement: judged(unresolved),
    },
    {
      name: "when it was aborted",
      of: replay([...begun.slice(0, 4), { kind: "aborted", why: "too much harm" }, ...begun.slice(4)]),
      judgement: judged(unresolved),
    },
  ])("is not asked for $name", ({ of, judgement }) => expect(extensionFor(of, judgement)).toBeNull());
});

describe("an extended observation", () => {
  const extension = extensionFor(replay(begun), judged(unresolved))!;
  const extended = replay([...begun, extension]);

  test("moves the end, and everything that is counted from it", () => {
    expect(plannedEndMs(extended)).toBe(PLANNED_END_MS);
    expect(endMs(extended)).toBe(PLANNED_END_MS + 5 * MINUTE_MS);
    expect(extendedMs(extended)).toBe(5 * MINUTE_MS);
    expect(nextEffect(extended, PLANNED_END_MS + 2 * MINUTE_MS)).toEqual({ do: "wait", untilMs: judgeAtMs(extended) });
    expect(nextEffect(extended, judgeAtMs(extended))).toEqual({ do: "judge" });
  });

  test("has the same end whoever folds its journal, and adds up what its looks cost", () => {
    const events = [...begun, extension, extensionFor(extended, judged(unresolved))!];
    const again = replay(JSON.parse(JSON.stringify(events)));
    expect(again).toEqual(events.reduce(evolve, replay([])));
    expect(endMs(again)).toBe(PLANNED_END_MS + 15 * MINUTE_MS);
    expect(again.extension?.sourceRequests).toBe(10);
  });

  test.each([
    { name: "cancelled", event: { kind: "cancelled", why: "enough", by: "ana" } },
    { name: "mended from outside", event: { kind: "curtailed", why: "a rollout of go-app" } },
  ] as const)(
    "that is $name is judged at once, as it was at its planned end, and is not extended again",
    ({ event }) => {
      const over = evolve(extended, event);
      expect(endMs(over)).toBe(PLANNED_END_MS);
      expect(nextEffect(over, PLANNED_END_MS + 2 * MINUTE_MS)).toEqual({ do: "judge" });
      expect(extensionFor(over, judged(unresolved))).toBeNull();
    },
  );
});
