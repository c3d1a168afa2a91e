import { describe, expect, test } from "vitest";
import { replay } from "../../../src/core/experiment/life.ts";
import type { ExperimentEvent, ExperimentState } from "../../../src/core/model/experiment.ts";
import { falseAlarmOf, outcomeOf, worstOutcome } from "../../../src/core/model/outcome.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import type { Judgement, Verdict } from "../../../src/core/model/verdict.ts";
import { outcomeText } from "../../../src/core/text/outcome.ts";
import { exitOf } from "../../../src/main/io.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";
import { failureEffect, judgement, recovered, signalVerdict } from "../../support/story.ts";
import { experiment, experimentEvents } from "../../support/week.ts";

const of = (verdict: Verdict, changes = {}): Judgement =>
  judgement([signalVerdict("go-app", "failures", verdict, changes)]);
const slow: Verdict = { ...recovered(24_000), kind: "slow-recovery" } as Verdict;
const failing = { effect: failureEffect(0, 0.5, 812) };
const noTraffic: Verdict = { kind: "inconclusive", why: "no-traffic", detail: "Not one request was seen." };

describe("an outcome", () => {
  test.each([
    { verdict: { kind: "steady" } as Verdict, outcome: "unaffected", says: "unaffected", exit: 0 },
    { verdict: recovered(24_000), outcome: "recovered", says: "recovered in 24 s; 812 requests failed", exit: 0 },
    { verdict: slow, outcome: "recovered", says: "recovered in 24 s; 812 requests failed", exit: 0 },
    {
      verdict: { kind: "persistent" } as Verdict,
      outcome: "not recovered",
      says: "not recovered: 50 % of requests fail",
      exit: 1,
    },
    {
      verdict: { kind: "unresolved" } as Verdict,
      outcome: "not recovered",
      says: "not recovered: 50 % of requests fail",
      exit: 1,
    },
    { verdict: noTraffic, outcome: "unknown", says: "unknown: no traffic", exit: 2 },
  ] as const)(
    "is $says for the verdict $verdict.kind, and `run` exits with $exit",
    ({ verdict, outcome, says, exit }) => {
      const state = experiment({ slotMs: T0, judged: of(verdict, failing) });
      expect(outcomeOf(state)).toBe(outcome);
      expect(outcomeText(state)).toBe(says);
      expect(exitOf(outcome)).toBe(exit);
    },
  );

  test("is not changed by what happens later, which is told beside it", () => {
    const later: ExperimentEvent[] = [
      {
        kind: "recovered",
        recoveredMs: T0 + 4 * HOUR_MS + 10 * MINUTE_MS,
        afterMs: 4 * HOUR_MS + 10 * MINUTE_MS,
        cure: "a rollout of Deployment go-app/go-app",
      },
    ];
    const state = experiment({ slotMs: T0, judged: of({ kind: "persistent" }, failing), later });
    expect(outcomeOf(state)).toBe("not recovered");
    expect(outcomeText(state)).toBe(
      "not recovered by itself; recovered after 4 h 10 min by a rollout of Deployment go-app/go-app",
    );
  });

  const planned: ExperimentEvent = { kind: "planned", plan: experimentPlan() };
  const events = experimentEvents({ slotMs: T0, judged: of({ kind: "steady" }) });
  const cancelledWhileObserved = [
    ...events.slice(0, 4),
    { kind: "cancelled", why: "wrong moment", by: "ops" },
    ...events.slice(4),
  ] as ExperimentEvent[];
  test.each<{ name: string; state: ExperimentState }>([
    { name: "refused", state: replay([planned, { kind: "refused", gate: "halt", why: "halted" }]) },
    { name: "missed", state: replay([planned, { kind: "missed", why: "too late" }]) },
    { name: "cancelled before it began", state: replay([planned, { kind: "cancelled", why: "no", by: "ops" }]) },
    { name: "cancelled while it was observed", state: replay(cancelledWhileObserved) },
    {
      name: "not injected",
      state: replay([...experimentEvents({ slotMs: T0 }).slice(0, 3), { kind: "not-injected", why: "gone" }]),
    },
    { name: "still observed", state: experiment({ slotMs: T0 }) },
    { name: "a sham", state: experiment({ slotMs: T0, sham: true, judged: of(recovered(24_000)) }) },
  ])("is not there for what is $name", ({ state }) => expect(outcomeOf(state)).toBeNull());

  test.each([
    { verdict: recovered(24_000), alarm: true, says: "false alarm: called worse though nothing was injected" },
    { verdict: { kind: "steady" } as Verdict, alarm: false, says: "no service was affected" },
    { verdict: noTraffic, alarm: null, says: "unknown: the sham could not be judged" },
  ])("of a sham is none; whether it is a false alarm: $alarm", ({ verdict, alarm, says }) => {
    const state = experiment({ slotMs: T0, sham: true, judged: of(verdict) });
    expect(falseAlarmOf(state)).toBe(alarm);
    expect(outcomeText(state)).toBe(says);
  });

  test("counts requests that several services passed on once", () => {
    const both = judgement([
      signalVerdict("go-app", "failures", recovered(24_000), { effect: failureEffect(0, 0.5, 812) }),
      signalVerdict("repeater", "failures", recovered(30_000), { effect: failureEffect(0, 0.5, 800) }),
    ]);
    expect(outcomeText(experiment({ slotMs: T0, judged: both }))).toBe("recovered in 30 s; 812 requests failed");
  });

  test("of several is the worst, and unknown only when nothing else is known", () => {
    expect(worstOutcome(["unknown", "unaffected", "recovered"])).toBe("recovered");
    expect(worstOutcome(["unknown"])).toBe("unknown");
    expect(worstOutcome([])).toBe("unknown");
  });
});
