import { describe, expect, test } from "vitest";
import type { ClusterSnapshot } from "../../../src/core/model/cluster.ts";
import type { Choice } from "../../../src/core/model/experiment.ts";
import type { Fault } from "../../../src/core/model/fault.ts";
import type { Policy } from "../../../src/core/model/policy.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import { randomFrom } from "../../../src/core/random.ts";
import { chooseTarget } from "../../../src/core/targeting/choose.ts";
import type { PastInjection } from "../../../src/core/targeting/facts.ts";
import { facts, pastInjection, storyCluster, withWorkload } from "../../support/cluster.ts";
import { T0 } from "../../support/experiments.ts";
import { policy } from "../../support/policies.ts";
import { pod, workload } from "../../support/story.ts";

function choose(
  seed: number,
  its: Policy = policy(),
  cluster: ClusterSnapshot = storyCluster(),
  past: readonly PastInjection[] = [],
): Choice {
  const chosen = chooseTarget(its, cluster, facts({ past }), randomFrom(seed));
  if ("none" in chosen) throw new Error(chosen.none);
  return chosen.choice;
}

/** How often each key comes up over many seeds. */
function shares(
  keyOf: (choice: Choice) => string,
  ...rest: [Policy?, ClusterSnapshot?, (readonly PastInjection[])?]
): Record<string, number> {
  const runs = 2_000;
  const counts: Record<string, number> = {};
  for (let seed = 0; seed < runs; seed++) {
    const key = keyOf(choose(seed, ...rest));
    counts[key] = (counts[key] ?? 0) + 1 / runs;
  }
  return counts;
}

const workloadOf = (choice: Choice): string => choice.target.workload.name;
const withFaults = (...kinds: (readonly [Fault, number])[]): Policy =>
  policy({ faults: kinds.map(([fault, weight]) => ({ fault, weight })) });
const drain: Fault = { kind: "node-drain", durationMs: 5 * MINUTE_MS };

test("the same seed chooses the same, in whatever order the lists came", () => {
  const cluster = storyCluster();
  const turned = { ...cluster, workloads: cluster.workloads.toReversed(), pods: cluster.pods.toReversed() };
  for (let seed = 0; seed < 50; seed++) expect(choose(seed, policy(), turned)).toEqual(choose(seed));
});

test("a choice names the pod by uid, its workload, services, node and zone, and how it was drawn", () => {
  const choice = choose(2);
  expect(choice).toMatchObject({ fault: { kind: "pod-delete" }, eligible: 3, ineligible: 0 });
  expect(choice.target.pods).toHaveLength(1);
  expect(choice.target.pods[0]?.uid).toMatch(/^[rgd]\d$/);
  expect(choice.target.node).toMatch(/^node-/);
  expect(choice.target.zone).toMatch(/^[ab]$/);
  expect(choice.drawn).toMatch(
    /^go-app\/\S+ \(1 of 3 services\) → Deployment go-app\/\S+ \(1 of 1 workloads\) → pod \S+ \(1 of [12]\)$/,
  );
});

test("services are drawn alike, however many pods stand behind them", () => {
  const many = workload("repeater", 8);
  const pods = Array.from({ length: 8 }, (_, i) => pod("repeater", `many-${i}`));
  const cluster = storyCluster();
  const crowded = storyCluster({
    workloads: cluster.workloads.map((one) => (one.name === "repeater" ? many : one)),
    pods: [...cluster.pods.filter((one) => one.workload.name !== "repeater"), ...pods],
  });
  for (const share of Object.values(shares(workloadOf, policy(), crowded))) expect(share).toBeCloseTo(1 / 3, 1);
});

test("every pod of a workload is drawn alike", () => {
  const byPod = shares(
    (choice) => choice.target.pods[0]?.uid ?? "",
    policy({ target: { ...policy().target, names: ["go-app"] } }),
  );
  expect(Object.keys(byPod).toSorted()).toEqual(["g1", "g2"]);
  expect(byPod.g1).toBeCloseTo(0.5, 1);
});

describe("least recently exercised first", () => {
  test("what was never hit comes before everything else", () => {
    const past = [pastInjection("go-app", T0 - 30 * DAY_MS), pastInjection("repeater", T0 - 40 * DAY_MS)];
    expect(shares(workloadOf, policy(), storyCluster(), past)).toEqual({ "go-app-db": expect.closeTo(1) });
  });

  test("after that the weight is the square of the time since the last hit", () => {
    const past = [
      pastInjection("go-app", T0 - 10 * HOUR_MS),
      pastInjection("repeater", T0 - 20 * HOUR_MS),
      pastInjection("go-app-db", T0 - 10 * HOUR_MS),
    ];
    const found = shares(workloadOf, policy(), storyCluster(), past);
    expect(found.repeater).toBeCloseTo(4 / 6, 1);
    expect(found["go-app"]).toBeCloseTo(1 / 6, 1);
  });

  test("open findings make another look likelier", () => {
    const past = ["go-app", "repeater", "go-app-db"].map((name) =>
      pastInjection(name, T0 - 10 * HOUR_MS, { findings: name === "go-app-db" ? 2 : 0 }),
    );
    expect(shares(workloadOf, policy(), storyCluster(), past)["go-app-db"]).toBeCloseTo(0.5, 1);
  });

  test("a sham is no exercise", () => {
    const past = [pastInjection("go-app", T0 - HOUR_MS, { sham: true })];
    expect(Object.keys(shares(workloadOf, policy(), storyCluster(), past))).toHaveLength(3);
  });

  test("with a hit a day and a cooldown nothing is left out for long", () => {
    const past: PastInjection[] = [];
    for (let day = 0; day < 6; day++) {
      const cluster = storyCluster({ takenAtMs: T0 + day * DAY_MS });
      past.push(pastInjection(choose(day, policy(), cluster, past).target.workload.name, cluster.takenAtMs));
    }
    expect(new Set(past.slice(0, 3).map((one) => one.workload.name)).size).toBe(3);
  });
});

describe("faults", () => {
  test("are drawn by their weights", () => {
    const found = shares(
      (choice) => choice.fault.kind,
      withFaults([{ kind: "pod-delete" }, 3], [{ kind: "pod-evict" }, 1]),
    );
    expect(found["pod-delete"]).toBeCloseTo(0.75, 1);
  });

  test("that nothing can take give way to the next", () => {
    const cluster = storyCluster({ nodes: storyCluster().nodes.map((node) => ({ ...node, zone: null })) });
    const its = withFaults([{ kind: "zone-outage", durationMs: MINUTE_MS }, 1000], [{ kind: "pod-delete" }, 1]);
    expect(choose(1, its, cluster).fault.kind).toBe("pod-delete");
  });

  test("of HTTP need a service and take no pod", () => {
    const abort: Fault = { kind: "http-abort", durationMs: MINUTE_MS, httpStatus: 503, percent: 50 };
    expect(choose(1, withFaults([abort, 1])).target).toMatchObject({ pods: [], node: null });
    const alone = storyCluster({ workloads: [workload("go-app", 2, { services: [] })] });
    expect(chooseTarget(withFaults([abort, 1]), alone, facts(), randomFrom(1))).toMatchObject({
      none: expect.stringContaining("no Service stands before it"),
    });
  });

  test("pod-kill leaves StatefulSets alone", () => {
    const kind = "StatefulSet" as const;
    const cluster = storyCluster({
      workloads: [workload("go-app-db", 1, { kind })],
      pods: [pod("go-app-db", "d1", { workload: { kind, namespace: "go-app", name: "go-app-db" } })],
    });
    expect(chooseTarget(withFaults([{ kind: "pod-kill" }, 1]), cluster, facts(), randomFrom(1))).toMatchObject({
      none: expect.stringContaining("two pods with one identity"),
    });
  });

  test("node-drain takes every pod of the node, when each owner can bear it", () => {
    const choice = choose(1, withFaults([drain, 1]), storyCluster());
    const onNode = storyCluster().pods.filter((one) => one.node === choice.target.node);
    expect(choice.target.pods.map((one) => one.uid).toSorted()).toEqual(onNode.map((one) => one.uid).toSorted());
  });

  test("node-drain concerns every service that loses a pod, and says what each workload loses", () => {
    const cluster = storyCluster();
    for (let seed = 0; seed < 10; seed++) {
      const { target } = choose(seed, withFaults([drain, 1]), cluster);
      const onNode = cluster.pods.filter((one) => one.node === target.node);
      const owners = [...new Set(onNode.map((one) => one.workload.name))].toSorted();
      expect(owners.length).toBeGreaterThan(1);
      expect([...target.services].toSorted()).toEqual(owners.map((name) => `go-app/${name}`));
      expect(target.lost?.map(({ workload: { name } }) => name).toSorted()).toEqual(owners);
      expect(target.lost?.flatMap(({ pods }) => pods).toSorted()).toEqual(onNode.map(({ uid }) => uid).toSorted());
    }
  });

  test("node-drain is refused where a pod on the node must not go", () => {
    const its = { ...withFaults([drain, 1]), limits: { ...policy().limits, singleReplica: "skip" as const } };
    for (let seed = 0; seed < 30; seed++) expect(choose(seed, its).target.node).toBe("node-b");
  });

  test("node-drain may take a workload of one replica along where the fault says so, and nothing else that is spared", () => {
    const limits = { ...policy().limits, singleReplica: "skip" as const };
    const drainOf = (fault: Fault, its: Partial<Policy> = {}) =>
      chooseTarget({ ...withFaults([fault, 1]), limits, ...its }, storyCluster(), facts(), randomFrom(1));
    const takes = (chosen: ReturnType<typeof drainOf>): string[] =>
      "choice" in chosen ? (chosen.choice.target.lost ?? []).map(({ workload }) => workload.name).sort() : [];
    const hit: Fault = { ...drain, singleReplicas: "hit" };
    const nodes = storyCluster()
      .pods.filter((pod) => pod.workload.name === "go-app-db")
      .map((pod) => pod.node);
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) =>
      chooseTarget({ ...withFaults([hit, 1]), limits }, storyCluster(), facts(), randomFrom(seed)),
    );
    const drained = seeds.flatMap((one) => ("choice" in one ? [one.choice.target.node] : []));
    expect(drained.some((node) => nodes.includes(node))).toBe(true);
    // the database itself is still no target, and what the policy does not name is never taken
    // along
    expect(seeds.every((one) => "choice" in one && one.choice.target.workload.name !== "go-app-db")).toBe(true);
    const only = { target: { ...policy().target, names: ["go-app"] } };
    expect(takes(drainOf(hit, only))).not.toContain("go-app-db");
  });

  test("node-drain is refused where it takes more pods of a workload than may be missing", () => {
    const cluster = storyCluster({ pods: storyCluster().pods.map((one) => ({ ...one, node: "node-a" })) });
    expect(chooseTarget(withFaults([drain, 1]), cluster, facts(), randomFrom(1))).toMatchObject({
      none: expect.stringContaining("takes 2 pods of Deployment go-app/"),
    });
  });

  test("node-drain heeds disruption budgets for all pods at once", () => {
    const base = withWorkload("repeater", {
      replicas: 4,
      readyReplicas: 4,
      budgets: [{ name: "pdb", disruptionsAllowed: 1, observed: true }],
    });
    const extra = ["r3", "r4"].map((uid) => pod("repeater", uid));
    const cluster = { ...base, pods: [...base.pods, ...extra] };
    for (let seed = 0; seed < 30; seed++)
      expect(choose(seed, withFaults([drain, 1]), cluster).target.node).toBe("node-b");
  });

  test("zone-outage takes the namespace's pods in one zone", () => {
    const choice = choose(3, withFaults([{ kind: "zone-outage", durationMs: MINUTE_MS }, 1]));
    expect(choice.target).toMatchObject({ node: null, zone: expect.stringMatching(/^[ab]$/) });
    expect(choice.target.pods.length).toBeGreaterThan(1);
  });
});

test("a workload without a service is drawn under its own name", () => {
  const cluster = storyCluster({ workloads: [workload("go-app", 2, { services: [] })] });
  expect(choose(1, policy(), cluster).drawn).toContain("Deployment go-app/go-app (1 of 1 services)");
});

test("when nothing may be hit the answer counts the reasons, tells whole what only one workload has, and lists them for each workload", () => {
  const its = policy({
    limits: { ...policy().limits, singleReplica: "skip" },
    target: { ...policy().target, names: ["go-app-db"] },
  });
  const chosen = chooseTarget(its, storyCluster(), facts(), randomFrom(1));
  expect(chosen).toMatchObject({
    none: "0 of 3 workloads may be hit: not among the policy's names (2), Deployment go-app/go-app-db: one replica only (singleReplica: skip); hitting it is an outage by design",
  });
  expect("whyNot" in chosen && chosen.whyNot.every((one) => one.whyNot.length > 0)).toBe(true);
});

test("an empty namespace says so", () =>
  expect(chooseTarget(policy(), storyCluster({ workloads: [], pods: [] }), facts(), randomFrom(1))).toMatchObject({
    none: "no workload was found in the policy's namespaces",
  }));

test("what has a risk that nothing tested is drawn three times as often as the others, and it is said", () => {
  const counts = { risky: 0, all: 600 };
  const untested = new Set(["Deployment/go-app/repeater"]);
  for (let seed = 0; seed < counts.all; seed++) {
    const chosen = chooseTarget(policy(), storyCluster(), { ...facts(), untested }, randomFrom(seed));
    if ("none" in chosen) throw new Error(chosen.none);
    const isRisky = workloadOf(chosen.choice) === "repeater";
    expect(chosen.choice.drawn.endsWith("; it has an untested risk")).toBe(isRisky);
    if (isRisky) counts.risky++;
  }
  // three workloads: 3 / 5 with the risk, 1 / 3 without
  expect(counts.risky / counts.all).toBeGreaterThan(0.53);
});
