import { describe, expect, test } from "vitest";
import { deriveFacts } from "../../../src/core/diagnose/derive.ts";
import { diagnose } from "../../../src/core/diagnose/diagnose.ts";
import type { DiagnosisInput } from "../../../src/core/diagnose/input.ts";
import { type SettledFindings, settleFindings } from "../../../src/core/diagnose/settle.ts";
import type { FindingEvent } from "../../../src/core/model/journal.ts";
import { experimentPlan } from "../../support/experiments.ts";
import { shippedRules } from "../../support/rules.ts";
import { databaseLost, failureEffect, judgement, recovered, signalVerdict } from "../../support/story.ts";

const RULES = shippedRules();
type History = ReadonlyMap<string, readonly FindingEvent[]>;

function settle(experimentId: string, input: DiagnosisInput, history: History): SettledFindings {
  const facts = deriveFacts(input);
  return settleFindings({ experimentId, found: diagnose(facts, RULES), facts, rules: RULES, history });
}
const recorded = (history: History, { news }: SettledFindings): History => {
  const next = new Map(history);
  for (const { fingerprint, event } of news) next.set(fingerprint, [...(next.get(fingerprint) ?? []), event]);
  return next;
};
const statuses = ({ news }: SettledFindings) =>
  news.map(({ event }) => `${event.weakness}: ${event.kind}, ${event.status}`);

const cured = databaseLost({
  judgement: judgement([
    signalVerdict("go-app", "failures", recovered(20_000), { effect: failureEffect(0, 0.5, 80) }),
    signalVerdict("repeater", "failures", { kind: "steady" }),
  ]),
});

describe("what becomes of a finding", () => {
  test("new, then known, then fixed when it is provoked and does not show, then regressed", () => {
    const first = settle("e1", databaseLost(), new Map());
    expect(statuses(first)).toEqual([
      "stale-connection: seen, new",
      "probe-does-not-cover-dependency: seen, new",
      "single-point-of-failure: seen, new",
    ]);
    expect(first.news.map(({ event }) => event.title)).toEqual(first.findings.map(({ title }) => title));
    const h1 = recorded(new Map(), first);
    const second = settle("e2", databaseLost(), h1);
    expect(second.findings.map(({ status }) => status)).toEqual(["known", "known", "known"]);
    const third = settle("e3", cured, recorded(h1, second));
    expect(statuses(third)).toEqual([
      "single-point-of-failure: seen, known",
      "stale-connection: not-shown, fixed",
      "probe-does-not-cover-dependency: not-shown, fixed",
    ]);
    const h3 = recorded(recorded(h1, second), third);
    expect(settle("e4", databaseLost(), h3).findings.map(({ status }) => status)).toEqual([
      "regressed",
      "regressed",
      "known",
    ]);
    expect(settle("e5", cured, h3).news.map(({ event }) => event.weakness)).toEqual(["single-point-of-failure"]);
  });

  test("settling the same experiment twice gives the same answer", () => {
    const first = settle("e1", databaseLost(), new Map());
    expect(settle("e1", databaseLost(), recorded(new Map(), first))).toEqual(first);
  });

  const known = recorded(new Map(), settle("e1", databaseLost(), new Map()));
  test.each([
    { name: "a sham", input: { ...cured, plan: experimentPlan({ sham: true }) } },
    {
      name: "an experiment in which the weak workload had no traffic",
      input: databaseLost({
        judgement: judgement([
          signalVerdict("go-app", "failures", { kind: "inconclusive", why: "no-traffic", detail: "no requests" }),
        ]),
      }),
    },
    {
      name: "a single replica that was lost without anybody noticing",
      input: databaseLost({ judgement: judgement([signalVerdict("mailer", "failures", { kind: "steady" })]) }),
    },
  ])("$name fixes nothing", ({ input }) => {
    expect(settle("e2", input, known).news.filter(({ event }) => event.status === "fixed")).toEqual([]);
  });
});
