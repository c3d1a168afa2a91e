import { expect, test } from "vitest";
import type { ClusterSnapshot, Workload } from "../../../src/core/model/cluster.ts";
import type { Policy } from "../../../src/core/model/policy.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";

import type { TargetFacts } from "../../../src/core/targeting/facts.ts";
import { parseSelector } from "../../../src/core/targeting/selector.ts";
import { whyNotHit } from "../../../src/core/targeting/why-not.ts";
import { facts, namespace, pastInjection, storyCluster, withPods, withWorkload } from "../../support/cluster.ts";
import { T0 } from "../../support/experiments.ts";
import { policy } from "../../support/policies.ts";
import { node, workload } from "../../support/story.ts";

function whyNot(
  name: string,
  snapshot: ClusterSnapshot,
  its: Policy = policy(),
  known: TargetFacts = facts(),
): readonly string[] {
  const found = whyNotHit(snapshot, its, known).find((one) => one.workload.name === name);
  if (found === undefined) throw new Error(`no workload ${name}`);
  return found.whyNot;
}

const target = (changes: Partial<Policy["target"]>): Policy => policy({ target: { ...policy().target, ...changes } });
const limits = (changes: Partial<Policy["limits"]>): Policy => policy({ limits: { ...policy().limits, ...changes } });
const goApp = (changes: Partial<Workload>): ClusterSnapshot => withWorkload("go-app", changes);

test("in a cluster that is well everything may be hit", () =>
  expect(whyNotHit(storyCluster(), policy(), facts()).map((one) => one.whyNot)).toEqual([[], [], []]));

interface Refusal {
  readonly name: string;
  readonly snapshot?: ClusterSnapshot;
  readonly policy?: Policy;
  readonly facts?: TargetFacts;
  readonly why: string;
}

const shared = workload("canary", 2, { services: ["go-app/go-app"] });

const REFUSALS: readonly Refusal[] = [
  {
    name: "another namespace",
    policy: target({ namespaces: ["shop"] }),
    why: "namespace go-app is not one of the policy's",
  },
  {
    name: "a protected namespace that a pattern matches",
    policy: target({ namespaces: ["*"] }),
    facts: facts({ protectedNamespaces: ["go-*"] }),
    why: "namespace go-app is protected: a policy must name it in full",
  },
  { name: "a name that is not listed", policy: target({ names: ["repeater"] }), why: "not among the policy's names" },
  {
    name: "a kind that is not listed",
    policy: target({ kinds: ["StatefulSet"] }),
    why: "kind Deployment is not in the policy's kinds",
  },
  {
    name: "labels that do not match",
    policy: target({ labels: parseSelector("app=repeater") }),
    why: "its labels do not match the policy's",
  },
  {
    name: "an exempt workload",
    snapshot: goApp({ annotations: { "aftershock.dev/exempt": "true" } }),
    why: "it is marked aftershock.dev/exempt",
  },
  {
    name: "one marked as before, whatever the new mark says",
    snapshot: goApp({ annotations: { "aftershock.dev/exempt": "false" }, labels: { "aftershock/exempt": "true" } }),
    why: "it is marked aftershock/exempt",
  },
  {
    name: "one in a namespace that is blacked out as before",
    snapshot: storyCluster({ namespaces: [namespace("go-app", { annotations: { "aftershock/blackout": "true" } })] }),
    why: "namespace go-app is blacked out (aftershock/blackout: true)",
  },
  {
    name: "an exempt namespace",
    snapshot: storyCluster({ namespaces: [namespace("go-app", { labels: { "aftershock.dev/exempt": "yes" } })] }),
    why: "its namespace is marked aftershock.dev/exempt",
  },
  {
    name: "excluded labels",
    policy: target({ excludeLabels: parseSelector("app=go-app") }),
    why: "it has the labels that the policy excludes",
  },
  {
    name: "an excluded annotation",
    snapshot: goApp({ annotations: { team: "payments" } }),
    policy: target({ excludeLabels: parseSelector("team=payments") }),
    why: "it has the annotations that the policy excludes",
  },
  { name: "no replica", snapshot: goApp({ replicas: 0, readyReplicas: 0 }), why: "0 replicas are asked for" },
  {
    name: "several replicas where only single ones are wanted",
    policy: limits({ singleReplica: "only" }),
    why: "2 replicas (singleReplica: only)",
  },
  {
    name: "no pod that may be missing",
    policy: limits({ maxUnavailable: { unit: "pods", value: 0 } }),
    why: "maxUnavailable allows no pod to be missing",
  },
  {
    name: "a namespace that is being deleted",
    snapshot: storyCluster({ namespaces: [namespace("go-app", { terminating: true })] }),
    why: "namespace go-app is being deleted",
  },
  {
    name: "a namespace that is not there",
    snapshot: storyCluster({ namespaces: [] }),
    why: "namespace go-app was not found",
  },
  {
    name: "a blackout",
    snapshot: storyCluster({
      namespaces: [namespace("go-app", { annotations: { "aftershock.dev/blackout": "true" } })],
    }),
    why: "namespace go-app is blacked out (aftershock.dev/blackout: true)",
  },
  {
    name: "a blackout that cannot be read",
    snapshot: storyCluster({
      namespaces: [namespace("go-app", { annotations: { "aftershock.dev/blackout": "2026-03-0x/soon" } })],
    }),
    why: "namespace go-app is blacked out",
  },
  {
    name: "a blackout of now",
    snapshot: storyCluster({
      namespaces: [
        namespace("go-app", { annotations: { "aftershock.dev/blackout": "2026-03-06T09:00Z/2026-03-06T10:00Z" } }),
      ],
    }),
    why: "namespace go-app is blacked out",
  },
  {
    name: "a rollout",
    snapshot: goApp({ rollout: "1 of 2 pods is new" }),
    why: "rollout in progress: 1 of 2 pods is new",
  },
  {
    name: "a rollout that has only just ended",
    snapshot: goApp({ rolledOutAtMs: T0 - 4 * MINUTE_MS }),
    why: "rolled out 4 min ago; the policy waits 10 min",
  },
  {
    name: "an autoscaler at work",
    snapshot: goApp({
      autoscaler: { name: "hpa", minReplicas: 2, maxReplicas: 6, currentReplicas: 2, desiredReplicas: 4 },
    }),
    why: "autoscaler hpa is going from 2 to 4 replicas",
  },
  { name: "a replica that is not ready", snapshot: goApp({ readyReplicas: 1 }), why: "1 of 2 replicas are ready" },
  {
    name: "a spent budget",
    snapshot: goApp({ budgets: [{ name: "pdb", disruptionsAllowed: 0, observed: true }] }),
    why: "disruption budget pdb allows no disruption now",
  },
  {
    name: "a budget with old numbers",
    snapshot: goApp({ budgets: [{ name: "pdb", disruptionsAllowed: 1, observed: false }] }),
    why: "disruption budget pdb is not up to date yet",
  },
  { name: "no pod", snapshot: storyCluster({ pods: [] }), why: "it has no pod" },
  {
    name: "pods that terminate",
    snapshot: withPods("go-app", { terminating: true }),
    why: "go-app-g1: it is terminating; go-app-g2: it is terminating",
  },
  {
    name: "pods that are not running",
    snapshot: withPods("go-app", { phase: "Pending" }),
    why: "go-app-g1: it is Pending",
  },
  {
    name: "pods that are not ready",
    snapshot: withPods("go-app", { ready: false }),
    why: "go-app-g1: it is not ready",
  },
  { name: "mirror pods", snapshot: withPods("go-app", { mirror: true }), why: "it is the mirror of a static pod" },
  {
    name: "young pods",
    snapshot: withPods("go-app", { readySinceMs: T0 - MINUTE_MS }),
    why: "it has only just become ready",
  },
  {
    name: "exempt pods",
    snapshot: withPods("go-app", { labels: { "aftershock.dev/exempt": "true" } }),
    why: "it is marked aftershock.dev/exempt",
  },
  { name: "pods on no node", snapshot: withPods("go-app", { node: null }), why: "it is on no node" },
  {
    name: "pods on nodes with pressure",
    snapshot: storyCluster({
      nodes: ["node-a", "node-b"].map((name) => ({ ...node(name, "a"), pressure: ["MemoryPressure"] })),
    }),
    why: "node node-a has MemoryPressure",
  },
  {
    name: "pods on nodes that are not ready",
    snapshot: storyCluster({ nodes: ["node-a", "node-b"].map((name) => ({ ...node(name, "a"), ready: false })) }),
    why: "node node-a is not ready",
  },
  { name: "pods on unknown nodes", snapshot: storyCluster({ nodes: [] }), why: "node node-a was not found" },
  {
    name: "a workload that was hit 20 minutes ago",
    facts: facts({ past: [pastInjection("go-app", T0 - 20 * MINUTE_MS)] }),
    why: "cooldown: hit 2026-03-06T08:55:00.000Z, 10 min left",
  },
  {
    name: "a workload whose sibling behind the same service was hit",
    snapshot: storyCluster({ workloads: [...storyCluster().workloads, shared] }),
    facts: facts({ past: [pastInjection("canary", T0 - MINUTE_MS, { services: ["go-app/go-app"] })] }),
    why: "cooldown:",
  },
];

test.each(REFUSALS)("$name: not now", ({ snapshot = storyCluster(), policy: its, facts: known, why }) =>
  expect(whyNot("go-app", snapshot, its, known).join("\n")).toContain(why),
);

test("single replicas are left alone unless the policy allows them", () => {
  expect(whyNot("go-app-db", storyCluster(), limits({ singleReplica: "skip" }))[0]).toContain("one replica only");
  expect(whyNot("go-app-db", storyCluster(), limits({ singleReplica: "only" }))).toEqual([]);
});

test.each(["DaemonSet", "Job", "CronJob", "Pod"] as const)(
  "a %s is hit only when the policy's kinds name it",
  (kind) => {
    const cluster = storyCluster({ workloads: [workload("go-app", 2, { kind })], pods: [] });
    expect(whyNot("go-app", cluster).some((why) => why.startsWith(`kind ${kind} is not in the policy's kinds (`))).toBe(
      true,
    );
    const allowed = target({ kinds: [kind] });
    expect(whyNot("go-app", cluster, allowed).some((why) => why.startsWith("kind"))).toBe(false);
  },
);

test("a protected namespace that is named in full may be hit", () =>
  expect(whyNot("go-app", storyCluster(), policy(), facts({ protectedNamespaces: ["go-*"] }))).toEqual([]));

test("an exemption that says false, a blackout that is over, a past cooldown and shams do not matter", () => {
  const cluster = storyCluster({
    namespaces: [
      namespace("go-app", {
        annotations: {
          "aftershock.dev/exempt": "false",
          "aftershock.dev/blackout": "2026-03-01T00:00Z/2026-03-02T00:00Z",
        },
      }),
    ],
  });
  const past = [pastInjection("go-app", T0 - HOUR_MS), pastInjection("go-app", T0 - MINUTE_MS, { sham: true })];
  expect(whyNot("go-app", cluster, policy(), facts({ past }))).toEqual([]);
});

test("where the configuration leaves nodes out, unknown nodes are no reason; where it does not, they are", () => {
  const blind = storyCluster({ nodes: [] });
  expect(whyNot("go-app", { ...blind, withoutNodes: true })).toEqual([]);
  expect(whyNot("go-app", { ...blind, unread: { nodes: "not allowed to list nodes" } }).join()).toContain(
    "not allowed to list nodes",
  );
});

test("every reason is told, not only the first", () => {
  const cluster = goApp({ rollout: "new pods", readyReplicas: 1, annotations: { "aftershock.dev/exempt": "true" } });
  expect(whyNot("go-app", cluster)).toHaveLength(3);
});
