import { describe, expect, test } from "vitest";
import { deriveFacts } from "../../../src/core/diagnose/derive.ts";
import { diagnose } from "../../../src/core/diagnose/diagnose.ts";
import type { DiagnosisInput } from "../../../src/core/diagnose/input.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";
import { expectGolden } from "../../support/golden.ts";
import { shippedRules } from "../../support/rules.ts";
import {
  databaseLost,
  deployment,
  failureEffect,
  goAppPodLost,
  judgement,
  pod,
  recovered,
  STORY_EDGES,
  STORY_PODS,
  STORY_VERDICTS,
  STORY_WORKLOADS,
  signalVerdict,
  snapshot,
} from "../../support/story.ts";

const RULES = shippedRules();
const found = (input: DiagnosisInput): string[] =>
  diagnose(deriveFacts(input), RULES).map(({ weakness, workload }) => `${weakness} of ${workload.name}`);

const LATER = T0 + 900_000;
const dbReplacement = databaseLost().after.pods.filter(({ uid }) => uid === "d2");
const untouched = STORY_PODS.filter(({ uid }) => uid !== "d1");

describe("when the database pod was lost and go-app never reconnects", () => {
  test("the three weaknesses are found, each of the workload in which it lies", () => {
    expect(found(databaseLost())).toEqual([
      "stale-connection of go-app",
      "probe-does-not-cover-dependency of go-app",
      "single-point-of-failure of go-app-db",
    ]);
  });

  test("the findings read as people should read them", () => {
    const findings = diagnose(deriveFacts(databaseLost()), RULES);
    expectGolden("diagnosis/database-lost.json", JSON.stringify(findings, null, 2));
  });

  test("fingerprints do not depend on when it happened, or on pod names", () => {
    const again = databaseLost({ t0Ms: T0 + 1_000, plan: experimentPlan({ seed: 8 }) });
    expect(diagnose(deriveFacts(again), RULES).map(({ fingerprint }) => fingerprint)).toEqual([
      "stale-connection:Deployment:go-app:go-app",
      "probe-does-not-cover-dependency:Deployment:go-app:go-app",
      "single-point-of-failure:Deployment:go-app:go-app-db",
    ]);
  });

  test("an edge on which nothing moved in the window still counts: one connection, ever", () => {
    expect(STORY_EDGES.find(({ protocol }) => protocol === "tcp")?.perSecond).toBe(0);
  });

  test("a repeater that calls the database too, but fails because go-app does, gets no stale connection", () => {
    const edges = [
      ...STORY_EDGES,
      { caller: deployment("repeater"), callee: "go-app/go-app-db", protocol: "tcp" as const, perSecond: 0 },
    ];
    expect(found(databaseLost({ edges }))).not.toContain("stale-connection of repeater");
  });
});

describe("counterfactuals", () => {
  const transient = judgement([
    signalVerdict("go-app", "failures", recovered(20_000), { effect: failureEffect(0, 0.5, 80) }),
    signalVerdict("repeater", "failures", recovered(21_000), { effect: failureEffect(0, 0.5, 79) }),
  ]);

  test.each<{ name: string; changes: Partial<DiagnosisInput>; expected: readonly string[] }>([
    {
      name: "go-app reconnects: only the single replica is the cause",
      changes: { judgement: transient },
      expected: ["single-point-of-failure of go-app-db"],
    },
    {
      name: "its probe goes through the database and restarts it: only the single replica",
      changes: {
        judgement: transient,
        after: snapshot(LATER, STORY_WORKLOADS, [
          ...untouched.map((p) =>
            p.workload.name === "go-app" ? { ...p, restarts: 1, lastStartedAtMs: T0 + 20_000 } : p,
          ),
          ...dbReplacement,
        ]),
      },
      expected: ["single-point-of-failure of go-app-db"],
    },
    {
      name: "its readiness probe notices, and it stays out of service: said so, and no probe finding",
      changes: {
        after: snapshot(LATER, STORY_WORKLOADS, [
          ...untouched.map((p) => (p.workload.name === "go-app" ? { ...p, ready: false, readySinceMs: null } : p)),
          ...dbReplacement,
        ]),
      },
      expected: ["stays-unready of go-app", "single-point-of-failure of go-app-db"],
    },
    {
      name: "no service was affected: nothing is found",
      changes: { judgement: judgement([signalVerdict("go-app", "failures", { kind: "steady" })], { origin: null }) },
      expected: [],
    },
    {
      name: "an unrelated service fails by itself meanwhile: nothing is said about it",
      changes: {
        judgement: judgement(
          [
            signalVerdict("go-app", "failures", { kind: "steady" }),
            signalVerdict("mailer", "failures", { kind: "persistent" }, { effect: failureEffect(0, 0.3) }),
          ],
          { origin: "go-app/mailer" },
        ),
      },
      expected: [],
    },
    { name: "a sham finds nothing, whatever failed", changes: { plan: experimentPlan({ sham: true }) }, expected: [] },
    {
      name: "go-app was rolled out again before the end: its pods are new",
      changes: {
        after: snapshot(LATER, STORY_WORKLOADS, [
          ...untouched.filter((p) => p.workload.name !== "go-app"),
          pod("go-app", "g3", { createdAtMs: T0 + 300_000 }),
          pod("go-app", "g4", { createdAtMs: T0 + 310_000 }),
          ...dbReplacement,
        ]),
      },
      expected: ["single-point-of-failure of go-app-db"],
    },
    {
      name: "the database has not come back: nothing is stale yet",
      changes: { after: snapshot(LATER, STORY_WORKLOADS, untouched), clearMs: null },
      expected: ["probe-does-not-cover-dependency of go-app", "single-point-of-failure of go-app-db"],
    },
    {
      name: "only the caller's record exists, without a call graph: nothing is claimed",
      changes: { edges: [] },
      expected: [],
    },
    {
      name: "one of two go-app pods is lost and repeater fails for good: no single point of failure",
      changes: {
        choice: goAppPodLost(0).choice,
        judgement: judgement(
          STORY_VERDICTS.filter(({ service }) => service === "go-app/repeater"),
          { origin: "go-app/repeater" },
        ),
        after: snapshot(LATER, STORY_WORKLOADS, [
          ...STORY_PODS.filter(({ uid }) => uid !== "g1"),
          pod("go-app", "g5", { createdAtMs: T0 + 1_000 }),
        ]),
      },
      expected: ["stale-connection of repeater", "probe-does-not-cover-dependency of repeater"],
    },
  ])("$name", ({ changes, expected }) => expect(found(databaseLost(changes))).toEqual(expected));
});
