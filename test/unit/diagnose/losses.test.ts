import { describe, expect, test } from "vitest";
import { deriveFacts } from "../../../src/core/diagnose/derive.ts";
import { diagnose } from "../../../src/core/diagnose/diagnose.ts";
import type { DiagnosisInput } from "../../../src/core/diagnose/input.ts";
import type { Pod } from "../../../src/core/model/cluster.ts";
import type { SignalVerdict } from "../../../src/core/model/verdict.ts";
import type { Interval } from "../../../src/core/stats/interval.ts";
import { T0 } from "../../support/experiments.ts";
import { shippedRules } from "../../support/rules.ts";
import {
  databaseLost,
  deployment,
  failureEffect,
  goAppPodLost,
  judgement,
  pod,
  recovered,
  STORY_PODS,
  STORY_WORKLOADS,
  signalVerdict,
  slowEffect,
  snapshot,
  workload,
} from "../../support/story.ts";

const RULES = shippedRules();
const LATER = T0 + 900_000;

const found = (input: DiagnosisInput): string[] =>
  diagnose(deriveFacts(input), RULES).map(({ weakness, workload }) => `${weakness} of ${workload.name}`);

describe("a caller that crashes while its database is away", () => {
  const dbReplacement = databaseLost().after.pods.filter(({ uid }) => uid === "d2");
  const failing = judgement([
    signalVerdict("go-app", "failures", recovered(40_000), { effect: failureEffect(0, 1, 800) }),
    signalVerdict("repeater", "failures", recovered(41_000), { effect: failureEffect(0, 1, 790) }),
  ]);

  /** Pods of go-app changed by `then` before the injection and by `now` at the end. */
  function goApp(
    then: (pod: Pod, index: number) => Partial<Pod>,
    now: (pod: Pod, index: number) => Partial<Pod>,
    changes: Partial<DiagnosisInput> = {},
  ): DiagnosisInput {
    const mine = STORY_PODS.filter(({ workload }) => workload.name === "go-app");
    const others = STORY_PODS.filter(({ workload }) => workload.name !== "go-app");
    const before = mine.map((pod, i) => ({ ...pod, ...then(pod, i) }));
    const after = before.map((pod, i) => ({ ...pod, ...now(pod, i) }));
    return databaseLost({
      judgement: failing,
      before: snapshot(T0 - 1_000, STORY_WORKLOADS, [...others, ...before]),
      after: snapshot(LATER, STORY_WORKLOADS, [
        ...others.filter(({ uid }) => uid !== "d1"),
        ...dbReplacement,
        ...after,
      ]),
      ...changes,
    });
  }
  const calm = () => ({});
  const crashing = ({ restarts }: Pod, i: number) => ({ restarts: restarts + 2 + i, lastStartedAtMs: T0 + 30_000 });

  test("is found, with how often one of its pods was restarted", () => {
    const [finding] = diagnose(deriveFacts(goApp(calm, crashing)), RULES);
    expect(finding).toMatchObject({
      weakness: "crashes-without-dependency",
      workload: deployment("go-app"),
      provokedBy: "Deployment/go-app/go-app-db",
    });
    expect(finding?.evidence[0]).toContain("one of them 3 times");
  });

  test("is found although it restarted long ago, for another reason", () => {
    const longAgo = () => ({ restarts: 4, lastStartedAtMs: T0 - 3_600_000 });
    expect(found(goApp(longAgo, crashing))).toContain("crashes-without-dependency of go-app");
  });

  test.each<{ name: string; input: DiagnosisInput }>([
    { name: "each pod was restarted once", input: goApp(calm, () => ({ restarts: 1 })) },
    { name: "one pod was never restarted", input: goApp(calm, (_, i) => ({ restarts: 3 * i })) },
    {
      name: "it was restarting before, too",
      input: goApp(() => ({ restarts: 7, lastStartedAtMs: T0 - 60_000 }), crashing),
    },
    {
      name: "it had restarted, and nobody knows when",
      input: goApp(() => ({ restarts: 7, lastStartedAtMs: null }), crashing),
    },
    {
      name: "a pod ran out of memory",
      input: goApp(calm, (pod, i) => ({ ...crashing(pod, i), ending: "OOMKilled" })),
    },
    {
      name: "its pods were replaced, so that nobody knows how often they crashed",
      input: goApp(calm, (pod, i) => ({ ...crashing(pod, i), uid: `new-${i}` })),
    },
    {
      name: "nobody saw failures",
      input: goApp(calm, crashing, {
        judgement: judgement([signalVerdict("go-app", "failures", { kind: "steady" })], { origin: null }),
      }),
    },
    { name: "nobody knows that it calls the database", input: goApp(calm, crashing, { edges: [] }) },
  ])("is not found when $name", ({ input }) => {
    expect(found(input)).not.toContain("crashes-without-dependency of go-app");
  });
});

describe("pods that are overloaded while another one is replaced", () => {
  const READY_S = 150;
  const seconds = (low: number, high: number, sinceMs = 0): Interval => ({
    point: sinceMs + ((low + high) / 2) * 1_000,
    low: sinceMs + low * 1_000,
    high: sinceMs + high * 1_000,
    level: 0.95,
  });
  /** Slow from somewhere in `from` to somewhere in `to`, seconds after the injection. */
  const slow = (from: readonly [number, number], to: readonly [number, number]): SignalVerdict =>
    signalVerdict(
      "go-app",
      "latency",
      { kind: "transient", recoveredAfterMs: seconds(...to) },
      { effect: slowEffect(0.01, 0.9), onsetMs: seconds(...from, T0) },
    );

  const onePodLost = (verdicts: readonly SignalVerdict[], changes: Partial<DiagnosisInput> = {}): DiagnosisInput =>
    goAppPodLost(READY_S * 1_000, { judgement: judgement(verdicts), ...changes });

  test("are found, with how slow they were and how long the pod was missing", () => {
    const [finding] = diagnose(deriveFacts(onePodLost([slow([0, 60], [120, 240])])), RULES);
    expect(finding).toMatchObject({ weakness: "overload-after-failover", workload: deployment("go-app") });
    expect(finding?.evidence.join()).toContain("90 % of answers took longer than 250 ms");
    expect(finding?.evidence.join()).toContain("Ready after 2 min 30 s");
  });

  test.each<{ name: string; input: DiagnosisInput }>([
    {
      name: "latency stayed as it was",
      input: onePodLost([signalVerdict("go-app", "latency", { kind: "steady" })]),
    },
    { name: "the new pod may be what is slow", input: onePodLost([slow([120, 240], [240, 360])]) },
    { name: "it was over before the replacement was Ready", input: onePodLost([slow([0, 60], [60, 120])]) },
    { name: "it was slow only for the moment of the loss", input: onePodLost([slow([0, 60], [0, 180])]) },
    {
      name: "it stays slow with all pods, for whatever reason",
      input: onePodLost([{ ...slow([0, 60], [120, 240]), verdict: { kind: "persistent" } }]),
    },
    {
      name: "nobody knows when it began",
      input: onePodLost([{ ...slow([0, 60], [120, 240]), onsetMs: null }]),
    },
    {
      name: "nobody knows when the replacement was Ready",
      input: onePodLost([slow([0, 60], [120, 240])], {
        after: snapshot(LATER, STORY_WORKLOADS, [
          ...STORY_PODS.filter(({ uid }) => uid !== "g1"),
          pod("go-app", "g3", { createdAtMs: T0 + 1_000, readySinceMs: null }),
        ]),
      }),
    },
    {
      name: "its callers waited, and it did not",
      input: onePodLost([{ ...slow([0, 60], [120, 240]), service: "go-app/repeater" }]),
    },
  ])("are not found when $name", ({ input }) => {
    expect(found(input).filter((name) => name.startsWith("overload"))).toEqual([]);
  });
});

describe("replicas that wait for a leader", () => {
  const set = { kind: "StatefulSet", namespace: "go-app", name: "go-app-db" } as const;
  const WORKLOADS = [...STORY_WORKLOADS.slice(0, 2), workload("go-app-db", 3, { kind: "StatefulSet" })];
  const OTHERS = STORY_PODS.filter(({ workload: of }) => of.name !== "go-app-db");
  const member = (uid: string, changes: Partial<Pod> = {}): Pod => pod("go-app-db", uid, { workload: set, ...changes });
  /** 20 requests a second; a third of them, until the replacement is Ready after 12 s, are 80. */
  const failed = (excess: number): SignalVerdict =>
    signalVerdict("go-app", "failures", recovered(25_000), { effect: failureEffect(0, 0.4, excess) });

  /** One of three members was deleted; `others` are the two that were left. */
  function memberLost(
    excess: number,
    others: readonly Pod[] = [member("m2"), member("m3")],
    changes: Partial<DiagnosisInput> = {},
  ): DiagnosisInput {
    const replacement = member("m4", { createdAtMs: T0 + 2_000, readySinceMs: T0 + 12_000 });
    return databaseLost({
      choice: {
        target: {
          workload: set,
          services: ["go-app/go-app-db"],
          pods: [{ namespace: "go-app", name: "go-app-db-m1", uid: "m1" }],
          node: null,
          zone: null,
        },
        fault: { kind: "pod-delete" },
      },
      judgement: judgement([failed(excess)]),
      before: snapshot(T0 - 1_000, WORKLOADS, [...OTHERS, member("m1"), member("m2"), member("m3")]),
      after: snapshot(LATER, WORKLOADS, [...OTHERS, ...others, replacement]),
      ...changes,
    });
  }

  test("are found when more failed than can have gone to the lost pod", () => {
    const findings = diagnose(deriveFacts(memberLost(120)), RULES);
    expect(findings.find(({ weakness }) => weakness === "waits-for-a-leader")).toMatchObject({ workload: set });
  });

  test.each<{ name: string; input: DiagnosisInput }>([
    { name: "no more failed than went to the lost pod", input: memberLost(79) },
    {
      name: "another pod was not Ready for a while",
      input: memberLost(120, [member("m2"), member("m3", { readySinceMs: T0 + 9_000 })]),
    },
    { name: "another pod went, too", input: memberLost(120, [member("m2")]) },
    {
      name: "nobody knows since when the others are Ready",
      input: memberLost(120, [member("m2"), member("m3", { readySinceMs: null })]),
    },
    { name: "nobody failed", input: memberLost(120, undefined, { judgement: judgement([]) }) },
    { name: "nobody knows who calls it", input: memberLost(120, undefined, { edges: [] }) },
  ])("are not found when $name", ({ input }) => {
    expect(found(input).filter((name) => name.startsWith("waits-for-a-leader"))).toEqual([]);
  });
});
