import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lifeDiagram } from "../../../src/core/experiment/diagram.ts";
import { isProvisional } from "../../../src/core/experiment/final-look.ts";
import {
  EDGES,
  ENDED,
  evolve,
  hasOpenDamage,
  mustBeUndone,
  NEW_EXPERIMENT,
  replay,
} from "../../../src/core/experiment/life.ts";
import { nextEffect, nextLookMs, roundedClearMs } from "../../../src/core/experiment/next.ts";
import type { ExperimentEvent, ExperimentState } from "../../../src/core/model/experiment.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import { cleared, experimentPlan, judgementOf, podChoice, T0 } from "../../support/experiments.ts";
import { judgement, STORY_VERDICTS } from "../../support/story.ts";

const happy: readonly ExperimentEvent[] = [
  { kind: "planned", plan: experimentPlan() },
  { kind: "chosen", choice: podChoice() },
  { kind: "intended", t0Ms: T0 },
  { kind: "injected", t0Ms: T0 },
  cleared(T0 + MINUTE_MS),
  { kind: "judged", judgement: judgementOf("steady"), provisional: false },
  { kind: "diagnosed", findings: [] },
  { kind: "notified", news: [] },
];

describe("the life of an experiment", () => {
  test("a steady one ends when it has been told", () => {
    expect(replay(happy)).toMatchObject({ phase: "done", seq: happy.length, injection: "injected", t0Ms: T0 });
  });

  test("a persistent one stays open until it is recovered and that was told", () => {
    const persistent = happy.map((e) => (e.kind === "judged" ? { ...e, judgement: judgementOf("persistent") } : e));
    const damaged = replay(persistent);
    expect(damaged.phase).toBe("damaged");
    expect(hasOpenDamage(damaged)).toBe(true);
    const back = evolve(damaged, {
      kind: "recovered",
      recoveredMs: T0 + HOUR_MS,
      afterMs: HOUR_MS,
      cure: "a rollout of go-app",
    });
    expect(hasOpenDamage(back)).toBe(false);
    expect(evolve(back, { kind: "recovery-notified" }).phase).toBe("done");
  });

  test.each([
    { name: "injected without an intent", events: happy.slice(0, 2), event: { kind: "injected", t0Ms: T0 } },
    { name: "injected twice", events: happy.slice(0, 4), event: { kind: "intended", t0Ms: T0 } },
    { name: "judged before the target is whole", events: happy.slice(0, 4), event: happy[5] },
    { name: "anything after the end", events: happy, event: { kind: "closed", why: "", by: "" } },
  ] as const)("$name is refused", ({ events, event }) => {
    expect(() => evolve(replay(events), event as ExperimentEvent)).toThrow(/cannot become/);
  });

  test("a provisional one waits for the instants that were not drawn, and ends there", () => {
    const told = replay(happy.map((e) => (e.kind === "judged" ? { ...e, provisional: true } : e)));
    expect(told.phase).toBe("provisional");
    const final = evolve(told, { kind: "finalised", checks: [], findings: [], news: [] });
    expect(final).toMatchObject({ phase: "done", provisional: false });
    expect(() => evolve(final, { kind: "finalised", checks: [], findings: [], news: [] })).toThrow(/cannot become/);
  });

  test("damage that the final look withdraws is no damage any more; what it leaves stays open", () => {
    const { verdicts, ...rest } = judgement(STORY_VERDICTS);
    const bad = verdicts.filter((v) => v.verdict.kind === "persistent");
    const damaged = replay(
      happy.map((e) => (e.kind === "judged" ? { ...e, judgement: { verdicts, ...rest }, provisional: true } : e)),
    );
    expect(damaged.phase).toBe("damaged");
    const checks = bad.map(({ service, signal }) => ({ service, signal, p: 0.2, candidates: 300, vetoed: true }));
    const one = evolve(damaged, { kind: "finalised", checks: checks.slice(1), findings: [], news: [] });
    expect(one).toMatchObject({ phase: "damaged", provisional: false, judgement: { headline: "persistent" } });
    const all = evolve(damaged, { kind: "finalised", checks, findings: [], news: [] });
    expect(all.phase).toBe("done");
    expect(hasOpenDamage(all)).toBe(false);
    expect(all.judgement?.verdicts).toContainEqual(
      expect.objectContaining({ designP: 0.2, verdict: expect.objectContaining({ why: "by-itself" }) }),
    );
  });

  test("what has nothing to do with the target makes no verdict provisional", () => {
    const judged = judgement(STORY_VERDICTS);
    const plan = experimentPlan({ candidates: { ...experimentPlan().candidates, count: 300 } });
    expect(isProvisional({ plan, t0Ms: T0 }, judged)).toBe(true);
    expect(isProvisional({ plan, t0Ms: T0 }, { ...judged, concerned: ["go-app/go-app-db"] })).toBe(false);
    const late = { point: T0 + HOUR_MS, low: T0, high: T0 + 2 * HOUR_MS, level: 0.95 };
    const slow = { ...judged, verdicts: judged.verdicts.map((v) => ({ ...v, onsetMs: late })) };
    expect(isProvisional({ plan, t0Ms: T0 }, slow)).toBe(false);
  });

  test("damage that recovers before the final look is told, then waits for it", () => {
    const damaged = replay(
      happy.map((e) => (e.kind === "judged" ? { ...e, judgement: judgementOf("persistent"), provisional: true } : e)),
    );
    const back = evolve(damaged, { kind: "recovered", recoveredMs: T0 + HOUR_MS, afterMs: HOUR_MS, cure: null });
    const told = evolve(back, { kind: "recovery-notified" });
    expect(told.phase).toBe("provisional");
    expect(hasOpenDamage(told)).toBe(false);
  });

  test("every phase can be reached, and every phase that is not an end has a way on", () => {
    const reached = new Set(["new", ...Object.values(EDGES).flatMap((edges) => Object.values(edges).flat())]);
    expect([...reached].sort()).toEqual(Object.keys(EDGES).sort());
    for (const [phase, edges] of Object.entries(EDGES)) {
      if (!ENDED.includes(phase as ExperimentState["phase"])) expect(Object.keys(edges), phase).not.toHaveLength(0);
    }
  });

  test("whatever events arrive, at most one injection is intended", () => {
    const anyEvent = fc.constantFrom<ExperimentEvent>(
      ...happy,
      { kind: "not-injected", why: "gone" },
      { kind: "injected-unsure", t0Ms: T0, why: "lost" },
      { kind: "cancelled", why: "stop", by: "me" },
      { kind: "missed", why: "late" },
    );
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
        let state = NEW_EXPERIMENT;
        let intents = 0;
        for (const event of events) {
          try {
            state = evolve(state, event);
            if (event.kind === "intended") intents += 1;
          } catch {
            // an illegal event changes nothing
          }
        }
        expect(intents).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("the drawing in the documentation is the table that the code runs on", () => {
    const file = new URL("../../../docs/experiment-life.md", import.meta.url);
    const drawn = `\`\`\`mermaid\n${lifeDiagram()}\n\`\`\``;
    if (process.env.UPDATE_GOLDEN === "1") {
      writeFileSync(file, readFileSync(file, "utf8").replace(/```mermaid[\s\S]*?```/, drawn));
    }
    expect(readFileSync(file, "utf8")).toContain(drawn);
  });
});

describe("what is due", () => {
  test("the final look is due when the windows of the last instant that could have been drawn are over and scraped", () => {
    const { candidates, geometry } = experimentPlan();
    const told = replay(happy.map((e) => (e.kind === "judged" ? { ...e, provisional: true } : e)));
    const dueMs = candidates.toMs + geometry.earlyMs + 4 * geometry.stepMs;
    expect(nextEffect(told, dueMs - 1)).toEqual({ do: "wait", untilMs: dueMs });
    expect(nextEffect(told, dueMs)).toEqual({ do: "finalise" });
  });

  const planned = replay(happy.slice(0, 1));
  const slotMs = experimentPlan().slotMs;
  test.each([
    { name: "before its slot it waits", at: slotMs - 1, effect: { do: "wait", untilMs: slotMs } },
    { name: "at its slot it is prepared", at: slotMs, effect: { do: "prepare" } },
    { name: "a little late it is still prepared", at: slotMs + MINUTE_MS, effect: { do: "prepare" } },
    { name: "later than that it is given up", at: slotMs + MINUTE_MS + 1, effect: { do: "give-up" } },
  ])("$name", ({ at, effect }) => expect(nextEffect(planned, at)).toMatchObject(effect));

  test("an intent without an outcome is settled, never called again", () => {
    expect(nextEffect(replay(happy.slice(0, 3)), T0 + HOUR_MS)).toEqual({ do: "settle-intent" });
  });

  test("a fault that stands is taken back when its time is over, whatever else is due", () => {
    const fault = { kind: "http-abort", durationMs: MINUTE_MS, httpStatus: 503, percent: 50 } as const;
    const standing = replay([happy[0]!, { kind: "chosen", choice: { ...podChoice(), fault } }, happy[2]!, happy[3]!]);
    expect(mustBeUndone(standing)).toBe(true);
    expect(nextEffect(standing, T0 + 1)).toEqual({ do: "guard" });
    expect(nextEffect(standing, T0 + MINUTE_MS)).toEqual({ do: "undo" });
    const cancelled = evolve(standing, { kind: "cancelled", why: "stop", by: "me" });
    expect(nextEffect(cancelled, T0 + 1)).toEqual({ do: "undo" });
  });

  test("a verdict waits for the late window and one step more", () => {
    const { geometry } = experimentPlan();
    const state = replay(happy.slice(0, 5));
    const dueMs = T0 + MINUTE_MS + geometry.graceMs + geometry.lateMs + geometry.stepMs;
    expect(nextEffect(state, dueMs - 1)).toEqual({ do: "wait", untilMs: dueMs });
    expect(nextEffect(state, dueMs)).toEqual({ do: "judge" });
  });

  test("looks at open damage grow rarer, but come at least hourly", () => {
    expect([0, 5, 10, 60].map((looks) => nextLookMs(0, looks, MINUTE_MS) / MINUTE_MS)).toEqual([1, 2, 4, 60]);
  });

  test.each([
    { gapS: 0, roundedS: 60 },
    { gapS: 61, roundedS: 120 },
    { gapS: 200, roundedS: 300 },
    { gapS: 870, roundedS: 900 },
  ])("a gap of $gapS s counts as $roundedS s", ({ gapS, roundedS }) =>
    expect(roundedClearMs(T0, T0 + gapS * 1000, MINUTE_MS) - T0).toBe(roundedS * 1000),
  );
});
