import { expect, test } from "vitest";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import { whatIf } from "../../../src/core/targeting/what-if.ts";
import { whatIfText } from "../../../src/core/targeting/what-if-text.ts";
import { facts, pastInjection, storyCluster, withWorkload } from "../../support/cluster.ts";
import { T0 } from "../../support/experiments.ts";
import { policy } from "../../support/policies.ts";
import { STORY_EDGES } from "../../support/story.ts";

const skipSingles = policy({ limits: { ...policy().limits, singleReplica: "skip" } });

test("a single replica is an outage, and the worst case of everything that calls it, however far", () => {
  expect(whatIf([policy()], storyCluster(), STORY_EDGES, () => facts()).services).toEqual([
    {
      service: "go-app/go-app-db",
      worst: "outage",
      why: "go-app-pods on Deployment go-app/go-app-db: 1 of 1 pods missing",
    },
    {
      service: "go-app/go-app",
      worst: "caller",
      why: "calls go-app/go-app-db (go-app-pods on Deployment go-app/go-app-db: 1 of 1 pods missing)",
    },
    { service: "go-app/repeater", worst: "caller", why: expect.stringContaining("calls go-app/go-app (") },
  ]);
});

test("without single replicas services lose a pod at most", () => {
  const answer = whatIf([skipSingles], storyCluster(), STORY_EDGES, () => facts());
  expect(answer.services.map((one) => [one.service, one.worst])).toEqual([
    ["go-app/go-app", "fewer"],
    ["go-app/repeater", "fewer"],
  ]);
  expect(answer.outOfReach).toEqual([
    {
      policy: "go-app-pods",
      workload: { kind: "Deployment", namespace: "go-app", name: "go-app-db" },
      whyNot: [expect.stringContaining("one replica only")],
    },
  ]);
});

test("what only holds today is no protection", () => {
  const past = [pastInjection("go-app", T0 - MINUTE_MS)];
  const answer = whatIf([policy()], withWorkload("go-app", { rollout: "new pods" }), [], () => facts({ past }));
  expect(answer.reachable.find((one) => one.workload.name === "go-app")?.notNow).toEqual([
    "rollout in progress: new pods",
    expect.stringContaining("cooldown"),
  ]);
});

test("HTTP faults are the worst case of a service with enough pods, and reach its callers", () => {
  const abort = { kind: "http-abort", durationMs: MINUTE_MS, httpStatus: 503, percent: 50 } as const;
  const its = policy({ faults: [{ fault: abort, weight: 1 }], target: { ...policy().target, names: ["go-app"] } });
  expect(
    whatIf([its], storyCluster(), STORY_EDGES, () => facts()).services.map((one) => [one.service, one.worst]),
  ).toEqual([
    ["go-app/go-app", "faulted"],
    ["go-app/repeater", "caller"],
  ]);
});

test("a drain takes as many pods as may be missing", () => {
  const drain = { kind: "node-drain", durationMs: MINUTE_MS } as const;
  const its = policy({
    faults: [{ fault: drain, weight: 1 }],
    limits: { ...policy().limits, maxUnavailable: { unit: "percent", value: 100 } },
  });
  const worst = whatIf([its], storyCluster(), [], () => facts()).services;
  expect(worst.every((one) => one.worst === "outage")).toBe(true);
});

test("is told in words, and says so when nothing can be touched", () => {
  const past = [pastInjection("go-app", T0 - MINUTE_MS)];
  const text = whatIfText(whatIf([skipSingles], storyCluster(), STORY_EDGES, () => facts({ past })));
  expect(text.split("\n")).toEqual([
    "COULD BE HIT, WERE EVERY POLICY ARMED: 2 workloads",
    "  go-app-pods: Deployment go-app/repeater: 1 of 2 pods at once, by pod-delete",
    expect.stringMatching(/^ {2}go-app-pods: Deployment go-app\/go-app: 1 of 2 pods at once, by .*\(not now: /),
    expect.stringMatching(/^ {6}/),
    "",
    "LEFT ALONE: 1 workload",
    expect.stringContaining("  go-app-pods: Deployment go-app/go-app-db: one replica only"),
    expect.stringMatching(/^ {6}/),
    "",
    "WORST CASE FOR EACH SERVICE",
    "  fewer pods             go-app/go-app: go-app-pods on Deployment go-app/go-app: 1 of 2 pods missing",
    "  fewer pods             go-app/repeater: go-app-pods on Deployment go-app/repeater: 1 of 2 pods",
    "                         missing",
    "  Of no other service it is known that it could be touched.",
  ]);
  expect(whatIfText({ reachable: [], outOfReach: [], services: [] })).toContain("nothing can touch any service");
});
