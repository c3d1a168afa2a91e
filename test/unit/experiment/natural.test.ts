import { describe, expect, test } from "vitest";
import { replay } from "../../../src/core/experiment/life.ts";
import { becameUnready, lossOf, type PodLoss } from "../../../src/core/experiment/loss.ts";
import { NATURAL_PER_DAY, unwanted, whyNotTakenUp } from "../../../src/core/experiment/natural.ts";
import type { Pod } from "../../../src/core/model/cluster.ts";
import type { ExperimentEvent } from "../../../src/core/model/experiment.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import { storyCluster, withWorkload } from "../../support/cluster.ts";
import { experimentPlan, podChoice, T0 } from "../../support/experiments.ts";
import { STORY_PODS } from "../../support/story.ts";

const pod = (changes: Partial<Pod> = {}): Pod => ({
  ...STORY_PODS.find((one) => one.workload.name === "go-app")!,
  ...changes,
});

describe("a pod is lost", () => {
  test.each([
    { name: "when it is gone", before: pod(), now: null, what: "deleted" },
    { name: "when it begins to terminate", before: pod(), now: pod({ terminating: true }), what: "deleted" },
    {
      name: "when the kubelet evicts it",
      before: pod(),
      now: pod({ phase: "Failed", ready: false, ending: "Evicted" }),
      what: "evicted",
    },
    {
      name: "when it must make room",
      before: pod(),
      now: pod({ terminating: true, ending: "PreemptionByScheduler" }),
      what: "preempted",
    },
    {
      name: "when its container has no memory left",
      before: pod(),
      now: pod({ restarts: 1, ending: "OOMKilled" }),
      what: "oom-killed",
    },
    { name: "when its container begins again", before: pod(), now: pod({ restarts: 1 }), what: "restarted" },
    { name: "not when it only becomes unready", before: pod(), now: pod({ ready: false }), what: null },
    { name: "not a second time while it terminates", before: pod({ terminating: true }), now: null, what: null },
    { name: "not when it never served", before: pod({ ready: false }), now: null, what: null },
    { name: "not when it goes on", before: pod(), now: pod(), what: null },
  ])("$name", ({ before, now, what }) => expect(lossOf(before, now)).toBe(what));
});

describe("a pod becomes unready", () => {
  test.each([
    { name: "when it served and stays", before: pod(), now: pod({ ready: false }), unready: true },
    { name: "not when it is gone", before: pod(), now: null, unready: false },
    {
      name: "not when it is lost anyway",
      before: pod(),
      now: pod({ ready: false, terminating: true }),
      unready: false,
    },
    { name: "not a second time", before: pod({ ready: false }), now: pod({ ready: false }), unready: false },
  ])("$name", ({ before, now, unready }) => expect(becameUnready(before, now)).toBe(unready));
});

const loss: PodLoss = { what: "deleted", pod: pod() };
const without = storyCluster({ pods: STORY_PODS.filter((one) => one.uid !== loss.pod.uid) });

describe("a loss was wanted", () => {
  test.each([
    { name: "by a rollout", cluster: withWorkload("go-app", { rollout: "1 of 2 updated" }), why: "a rollout" },
    {
      name: "by a rollout that is over",
      cluster: withWorkload("go-app", { rolledOutAtMs: T0 - MINUTE_MS }),
      why: "a moment ago",
    },
    {
      name: "when fewer replicas are asked for",
      cluster: { ...without, workloads: withWorkload("go-app", { replicas: 1 }).workloads },
      why: "fewer",
    },
    { name: "with its workload", cluster: storyCluster({ workloads: [] }), why: "gone" },
  ])("$name", ({ cluster, why }) => expect(unwanted(loss, cluster, T0)).toContain(why));

  test("by nobody when a replica is missing", () => {
    expect(unwanted(loss, without, T0)).toMatchObject({ name: "go-app" });
  });

  test("by nobody when what replaced it looks older, for the API server's clock was set back", () => {
    const known = new Set(STORY_PODS.map((one) => one.uid));
    const back = { ...without, pods: [...without.pods, pod({ uid: "new", createdAtMs: T0 - HOUR_MS })] };
    expect(unwanted(loss, back, T0, known)).toMatchObject({ name: "go-app" });
    expect(unwanted(loss, back, T0)).toContain("fewer");
  });

  test("by nobody when its owner is described by its pods alone: one pod fewer is one replica fewer there", () => {
    const { workloads } = withWorkload("go-app", { counted: true, replicas: 1 });
    expect(unwanted(loss, { ...without, workloads }, T0)).toMatchObject({ name: "go-app" });
  });

  test("by a rollout that the birth of the other pods tells, where no template does", () => {
    const { workloads } = withWorkload("go-app", { counted: true, replicas: 1, rolledOutAtMs: null });
    const born = (createdAtMs: number) =>
      without.pods.map((one) => (one.workload.name === "go-app" ? { ...one, createdAtMs } : one));
    expect(unwanted(loss, { ...without, workloads, pods: born(T0 - MINUTE_MS) }, T0)).toContain("a moment ago");
    const afterIt = [...without.pods, pod({ uid: "new", createdAtMs: T0 })];
    expect(unwanted(loss, { ...without, workloads, pods: afterIt }, T0)).toMatchObject({ name: "go-app" });
  });
});

describe("of a loss no experiment is made", () => {
  const story = (...events: ExperimentEvent[]) => replay([{ kind: "planned", plan: experimentPlan() }, ...events]);
  const go = { ...podChoice(), target: { ...podChoice().target, workload: loss.pod.workload } };
  const chosen: ExperimentEvent = { kind: "chosen", choice: go };
  const intended: ExperimentEvent = { kind: "intended", t0Ms: T0 };

  test.each([
    { name: "while our own injection is on its way", past: [story(chosen, intended)], nowMs: T0 },
    { name: "while one is observed", past: [story(chosen, intended, { kind: "injected", t0Ms: T0 })], nowMs: T0 },
    { name: "before the gates have answered", past: [story(chosen)], nowMs: T0 },
  ])("$name", ({ past, nowMs }) => expect(whyNotTakenUp(loss, past, nowMs)).toContain("is being observed"));

  const natural = replay([
    { kind: "planned", plan: experimentPlan({ natural: { what: "deleted", t0Ms: T0, choice: go } }) },
    { kind: "happened", t0Ms: T0, choice: go },
  ]);
  const ended = { ...natural, phase: "done" as const };

  test("within an hour of the last one on this workload", () => {
    expect(whyNotTakenUp(loss, [ended], T0 + HOUR_MS - 1)).toContain("exercised");
    expect(whyNotTakenUp(loss, [ended], T0 + HOUR_MS)).toBeNull();
  });

  test("when there were enough of them in a day", () => {
    const others = Array.from({ length: NATURAL_PER_DAY }, () => ({ ...ended, choice: podChoice() }));
    expect(whyNotTakenUp(loss, others, T0 + HOUR_MS)).toContain("enough");
  });

  test("but otherwise one is", () => expect(whyNotTakenUp(loss, [], T0)).toBeNull());
});
