import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { PreflightFacts } from "../../../src/app/preflight/facts.ts";
import { allClosed, firstClosed } from "../../../src/app/preflight/gate.ts";
import { preflightGates } from "../../../src/app/preflight/preflight.ts";
import type { Choice } from "../../../src/core/model/experiment.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import { localDate } from "../../../src/core/schedule/zone.ts";
import type { PastInjection } from "../../../src/core/targeting/facts.ts";
import { namespace, pastInjection, storyCluster, withPods, withWorkload } from "../../support/cluster.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";
import { policy } from "../../support/policies.ts";
import { type PortAnswers, preflightFacts } from "../../support/preflight.ts";
import { node, pod, STORY_PODS } from "../../support/story.ts";

const { signal } = new AbortController();

const limits = (changes: Partial<PreflightFacts["policy"]["limits"]>) =>
  policy({ limits: { ...policy().limits, ...changes } });

const plain = preflightFacts();
const targeting = (changes: Partial<Choice["target"]>): Choice => ({
  ...plain.choice,
  target: { ...plain.choice.target, ...changes },
});
const drainOfNodeA: Choice = {
  ...targeting({ pods: STORY_PODS.filter((one) => one.node === "node-a") }),
  fault: { kind: "node-drain", durationMs: MINUTE_MS },
};

/** An experiment of three days ago on another workload, that made requests of `service` fail. */
const failing = (service: string, requests: number, changes: Partial<PastInjection> = {}): PastInjection =>
  pastInjection("canary", T0 - 3 * 24 * 60 * MINUTE_MS, { failed: new Map([[service, requests]]), ...changes });
const alsoDrains = policy({ faults: [...policy().faults, { fault: drainOfNodeA.fault, weight: 1 }] });

interface Case {
  readonly gate: string;
  readonly when: string;
  readonly facts?: Partial<PreflightFacts>;
  readonly answers?: Partial<PortAnswers>;
  readonly why: string;
}

/** Each gate alone is closed, by this, with this reason. */
const CASES: readonly Case[] = [
  {
    gate: "halt",
    when: "somebody halted",
    answers: { halt: { why: "incident 42", by: "ada", atMs: T0 } },
    why: "halted by ada since 2026-03-06T09:15:00.000Z: incident 42",
  },
  { gate: "halt", when: "the switch cannot be read", answers: { halt: new Error("403") }, why: "cannot tell: 403" },
  {
    gate: "mode",
    when: "the policy only pretends",
    facts: { policy: policy({ mode: "sham" }) },
    why: "in mode sham: nothing is injected",
  },
  {
    gate: "mode",
    when: "the policy only observes, even a sham",
    facts: { policy: policy({ mode: "observe" }), plan: experimentPlan({ sham: true }) },
    why: "policy go-app-pods is in mode observe",
  },
  {
    gate: "fault",
    when: "the policy has lost the kind that was chosen",
    facts: { policy: policy({ faults: [{ fault: { kind: "pod-evict" }, weight: 1 }] }) },
    why: "policy go-app-pods no longer has pod-delete among its faults",
  },
  {
    gate: "lateness",
    when: "the slot is 61 s old",
    facts: { nowMs: () => T0 + 61_000 },
    why: "the slot was 61 s ago: too late, missed slots are not run",
  },
  { gate: "lateness", when: "the slot is not due", facts: { nowMs: () => T0 - 1 }, why: "the slot is due in 1 s" },
  {
    gate: "calendar",
    when: "there is a freeze",
    facts: {
      calendar: { timezone: "UTC", freezes: [{ fromMs: T0, toMs: T0 + MINUTE_MS, why: "sales" }], holidays: [] },
    },
    why: "freeze until 2026-03-06T09:16:00.000Z: sales",
  },
  {
    gate: "calendar",
    when: "it is outside the windows",
    facts: {
      nowMs: () => Date.parse("2026-03-06T16:00:30Z"),
      plan: experimentPlan({ slotMs: Date.parse("2026-03-06T16:00:00Z") }),
    },
    why: "outside the policy's windows (Europe/Berlin)",
  },
  {
    gate: "scope",
    when: "the policy does not reach the namespace",
    facts: { policy: policy({ target: { ...policy().target, namespaces: ["shop"] } }) },
    why: "Deployment go-app/go-app: namespace go-app is not one of the policy's",
  },
  {
    gate: "scope",
    when: "the namespace is blacked out",
    facts: {
      snapshot: storyCluster({
        namespaces: [namespace("go-app", { annotations: { "aftershock.dev/blackout": "true" } })],
      }),
    },
    why: "is blacked out",
  },
  {
    gate: "scope",
    when: "the workload vanished",
    facts: { snapshot: storyCluster({ workloads: [] }) },
    why: "cannot tell: Deployment go-app/go-app is not in the newest lists",
  },
  {
    gate: "dependencies",
    when: "the target is Prometheus",
    facts: { dependencies: ["go-app/go-app"] },
    why: "Aftershock itself depends on go-app/go-app",
  },
  {
    gate: "active-experiment",
    when: "another one is observed",
    facts: { active: ["other-1"] },
    why: "experiment other-1 is still being observed",
  },
  {
    gate: "active-experiment",
    when: "another one is observed for longer than planned",
    facts: {
      active: ["other-1"],
      extended: new Map([
        ["other-1", { toMs: Date.parse("2026-03-06T09:38:00Z"), why: "shop/cart is on the way back" }],
      ]),
    },
    why: "experiment other-1 is still being observed until 2026-03-06 09:38:00 UTC: shop/cart is on the way back",
  },
  {
    gate: "open-damage",
    when: "the target is damaged",
    facts: { openDamage: [{ experimentId: "e1", services: ["go-app/go-app"] }] },
    why: "the damage of e1 is still open (go-app/go-app), and go-app/go-app is part of it",
  },
  {
    gate: "open-damage",
    when: "the target calls what is damaged",
    facts: { openDamage: [{ experimentId: "e1", services: ["go-app/go-app-db"] }] },
    why: "go-app/go-app is next to it",
  },
  {
    gate: "open-damage",
    when: "what is damaged calls the target",
    facts: { openDamage: [{ experimentId: "e1", services: ["go-app/repeater"] }] },
    why: "go-app/go-app is next to it",
  },
  {
    gate: "open-damage",
    when: "enough damage is open elsewhere",
    facts: { openDamage: [{ experimentId: "e1", services: ["shop/cart"] }] },
    why: "1 experiment(s) with open damage (e1); at most 1 may be open",
  },
  {
    gate: "budget",
    when: "the policy's is spent",
    facts: { policy: limits({ perDay: 1 }), past: [pastInjection("repeater", T0 - 60 * MINUTE_MS)] },
    why: "policy go-app-pods has used its 1 injections of today",
  },
  {
    gate: "budget",
    when: "the namespace's is spent by another policy",
    facts: {
      policy: limits({ perNamespace: 1 }),
      past: [pastInjection("repeater", T0 - 60 * MINUTE_MS, { policy: "other" })],
    },
    why: "namespace go-app has used its 1",
  },
  {
    gate: "budget",
    when: "the workload's is spent",
    facts: { policy: limits({ perWorkload: 1 }), past: [pastInjection("go-app", T0 - 60 * MINUTE_MS)] },
    why: "workload go-app has used its 1",
  },
  {
    gate: "budget",
    when: "the service's is spent",
    facts: {
      policy: limits({ perService: 1 }),
      past: [pastInjection("canary", T0 - 60 * MINUTE_MS, { services: ["go-app/go-app"] })],
    },
    why: "service go-app/go-app has used its 1",
  },
  {
    gate: "impact-budget",
    when: "the service's own is spent",
    facts: {
      policy: limits({ failedRequests: 1_000 }),
      past: [failing("go-app/go-app", 600), failing("go-app/go-app", 400)],
    },
    why: "experiments made 1,000 requests of go-app/go-app fail in the last 7 days; the budget is 1,000 (limits.failedRequests)",
  },
  {
    gate: "impact-budget",
    when: "that of a caller's caller is spent, by another policy",
    facts: {
      policy: limits({ failedRequests: 1_000 }),
      past: [failing("go-app/repeater", 1_000, { policy: "other" })],
      choice: targeting({
        workload: { kind: "Deployment", namespace: "go-app", name: "go-app-db" },
        services: ["go-app/go-app-db"],
        pods: [{ namespace: "go-app", name: "go-app-db-d1", uid: "d1" }],
      }),
    },
    why: "1,000 requests of go-app/repeater fail",
  },
  {
    gate: "cooldown",
    when: "it was hit just now",
    facts: { past: [pastInjection("go-app", T0 - 20 * MINUTE_MS)] },
    why: "10 min left",
  },
  {
    gate: "replicas",
    when: "one is missing",
    facts: { snapshot: withWorkload("go-app", { readyReplicas: 1 }) },
    why: "1 of 2 replicas are ready",
  },
  {
    gate: "rollout",
    when: "one is in progress",
    facts: { snapshot: withWorkload("go-app", { rollout: "new pods" }) },
    why: "rollout in progress: new pods",
  },
  {
    gate: "autoscaler",
    when: "it is at work",
    facts: {
      snapshot: withWorkload("go-app", {
        autoscaler: { name: "hpa", minReplicas: 2, maxReplicas: 4, currentReplicas: 2, desiredReplicas: 3 },
      }),
    },
    why: "autoscaler hpa is going from 2 to 3",
  },
  {
    gate: "blast-radius",
    when: "too many pods would be missing",
    facts: { policy: limits({ maxUnavailable: { unit: "pods", value: 0 } }) },
    why: "Deployment go-app/go-app would miss 1 of 2 pods; maxUnavailable allows 0",
  },
  {
    gate: "blast-radius",
    when: "a drain takes more of another workload than may be missing",
    facts: {
      choice: drainOfNodeA,
      policy: {
        ...alsoDrains,
        limits: { ...policy().limits, maxUnavailable: { unit: "pods", value: 0 } },
      },
    },
    why: "Deployment go-app/repeater would miss 1 of 2 pods",
  },
  {
    gate: "disruption-budget",
    when: "it allows none",
    facts: { snapshot: withWorkload("go-app", { budgets: [{ name: "pdb", disruptionsAllowed: 0, observed: true }] }) },
    why: "Deployment go-app/go-app: disruption budget pdb allows no disruption now",
  },
  {
    gate: "disruption-budget",
    when: "its numbers are old",
    facts: { snapshot: withWorkload("go-app", { budgets: [{ name: "pdb", disruptionsAllowed: 5, observed: false }] }) },
    why: "disruption budget pdb is not up to date yet",
  },
  {
    gate: "pods",
    when: "the pod terminates",
    facts: { snapshot: withPods("go-app", { terminating: true }) },
    why: "pod go-app-g1: it is terminating",
  },
  {
    gate: "pods",
    when: "the pod was replaced under the same name",
    facts: {
      snapshot: storyCluster({ pods: STORY_PODS.map((one) => (one.uid === "g1" ? { ...one, uid: "g1-again" } : one)) }),
    },
    why: "cannot tell: 1 of the target's pods are not in the newest lists",
  },
  {
    gate: "node-pressure",
    when: "a sibling's node has some",
    facts: {
      snapshot: storyCluster({ nodes: [node("node-a", "a"), { ...node("node-b", "b"), pressure: ["DiskPressure"] }] }),
    },
    why: "node node-b has DiskPressure",
  },
  {
    gate: "metrics",
    when: "the source is blind",
    answers: { health: { blind: "no reporter label" } },
    why: "the metrics source is blind: no reporter label",
  },
  {
    gate: "metrics",
    when: "the source is away",
    answers: { health: new Error("connection refused") },
    why: "cannot tell: connection refused",
  },
  {
    gate: "metrics",
    when: "the clocks are apart",
    answers: { health: { clockSkewMs: -90_000 } },
    why: "clock is 90 s away from ours",
  },
  {
    gate: "alerts",
    when: "some fire",
    answers: { firing: ["d", "a", "b", "a", "c"].map((name) => ({ name, labels: {} })) },
    why: "firing alert: a, b, c and 1 more",
  },
  {
    gate: "alerts",
    when: "they cannot be read",
    answers: { firing: new Error("timeout") },
    why: "cannot tell: timeout",
  },
  {
    gate: "degraded",
    when: "the target fails already",
    answers: { recent: [{ service: "go-app/go-app", requests: 200, failures: 12 }] },
    why: "go-app/go-app fails 6.0 % of its requests already (bound 5 %)",
  },
  {
    gate: "degraded",
    when: "its caller fails already",
    answers: { recent: [{ service: "go-app/repeater", requests: 100, failures: 100 }] },
    why: "go-app/repeater fails 100.0 %",
  },
  {
    gate: "rights",
    when: "one is missing",
    answers: { allowed: () => false },
    why: "not allowed to delete pods in go-app; `aftershock rbac`",
  },
  { gate: "rights", when: "it cannot be asked", answers: { allowed: new Error("500") }, why: "cannot tell: 500" },
  {
    gate: "lease",
    when: "somebody else holds it",
    answers: { holdsLease: false },
    why: "another replica holds the lease",
  },
  { gate: "lease", when: "it cannot be read", answers: { holdsLease: new Error("hangs") }, why: "cannot tell: hangs" },
];

test("in a cluster that is well every gate is open", async () => {
  const gates = preflightGates(preflightFacts());
  expect(await allClosed(gates, signal)).toEqual([]);
  expect(await firstClosed(gates, signal)).toBeNull();
});

test.each(CASES)("$gate is closed when $when", async ({ gate, facts, answers, why }) => {
  const closed = await allClosed(preflightGates(preflightFacts(facts, answers)), signal);
  const its = closed.find((one) => one.gate === gate);
  expect(its?.why).toContain(why);
});

test("every gate has a case that closes it, and every file is a gate", () => {
  const names = preflightGates(preflightFacts()).map((gate) => gate.name);
  expect([...new Set(CASES.map((one) => one.gate))].toSorted()).toEqual(names.toSorted());
  const files = readdirSync(new URL("../../../src/app/preflight/gates/", import.meta.url));
  expect(files.toSorted()).toEqual(names.map((name) => `${name}.ts`).toSorted());
});

test("the first closed gate ends the asking: a halt costs no request", async () => {
  const asked: string[] = [];
  const gates = preflightGates(preflightFacts({}, { halt: { why: "stop", by: "ada", atMs: T0 } })).map((gate) => ({
    ...gate,
    whyClosed: (given: AbortSignal) => {
      asked.push(gate.name);
      return gate.whyClosed(given);
    },
  }));
  expect(await firstClosed(gates, signal)).toMatchObject({ gate: "halt" });
  expect(asked).toEqual(["halt"]);
});

test("five policies of a team in five time zones share one day, and one budget", async () => {
  const zones = ["Pacific/Kiritimati", "Europe/Berlin", "America/New_York", "Pacific/Pago_Pago", "Asia/Kolkata"];
  const calendar = { ...plain.calendar, timezone: "Europe/Berlin" };
  const past: PastInjection[] = [];
  for (let atMs = T0; atMs < T0 + 48 * 60 * MINUTE_MS; atMs += 10 * MINUTE_MS) {
    for (const [i, timezone] of zones.entries()) {
      const name = `shop.p${i}`;
      const team = { ...limits({ perDay: 12, perNamespace: 12 }), name };
      const facts = preflightFacts({
        policy: { ...team, schedule: { ...team.schedule, timezone } },
        calendar,
        past,
        nowMs: () => atMs,
      });
      const budget = preflightGates(facts).find((gate) => gate.name === "budget")!;
      if ((await budget.whyClosed(signal)) === null)
        past.push(pastInjection("go-app", atMs, { experimentId: `${name}-${atMs}`, policy: name }));
    }
  }
  const days = Map.groupBy(past, (one) => localDate("Europe/Berlin", one.atMs));
  expect([...days.values()].map((one) => one.length)).toEqual([12, 12, 12]);
});

test("a gate that throws at once is closed like one that rejects", async () => {
  const broken = {
    name: "broken",
    whyClosed: () => {
      throw new TypeError("oops");
    },
  };
  expect(await firstClosed([broken], signal)).toEqual({ gate: "broken", why: "cannot tell: oops" });
});

test.each<{ name: string; facts?: Partial<PreflightFacts>; answers?: Partial<PortAnswers> }>([
  { name: "a slot of 60 s ago is still in time", facts: { nowMs: () => T0 + 60_000 } },
  {
    name: "its own injection, found by a job that comes back, spends nothing",
    facts: {
      past: [pastInjection("go-app", T0, { experimentId: experimentPlan().id })],
      policy: limits({ perDay: 1 }),
    },
  },
  {
    name: "shams spend nothing",
    facts: { past: [pastInjection("go-app", T0, { sham: true })], policy: limits({ perDay: 1 }) },
  },
  {
    name: "yesterday's injections are not today's",
    facts: { past: [pastInjection("repeater", Date.parse("2026-03-05T22:59:00Z"))], policy: limits({ perDay: 1 }) },
  },
  {
    name: "open damage elsewhere, when more may be open",
    facts: {
      openDamage: [{ experimentId: "e1", services: ["shop/cart"] }],
      limits: { ...plain.limits, openDamageMax: 2 },
    },
  },
  {
    name: "impact that is seven days old, of a sham, or of a service that does not call the target",
    facts: {
      policy: limits({ failedRequests: 1_000 }),
      past: [
        failing("go-app/go-app", 999),
        failing("go-app/go-app", 9_999, { atMs: T0 - 7 * 24 * 60 * MINUTE_MS }),
        failing("go-app/go-app", 9_999, { sham: true }),
        failing("go-app/go-app-db", 9_999),
        failing("shop/cart", 9_999),
      ],
    },
  },
  { name: "its own experiment is the active one", facts: { active: [experimentPlan().id] } },
  {
    name: "a handful of failures among many requests",
    answers: { recent: [{ service: "go-app/go-app", requests: 1_000, failures: 40 }] },
  },
  {
    name: "few failures of few requests",
    answers: { recent: [{ service: "go-app/go-app", requests: 4, failures: 4 }] },
  },
  { name: "somebody else's failures", answers: { recent: [{ service: "shop/cart", requests: 100, failures: 100 }] } },
  { name: "no traffic at all", answers: { recent: [] } },
  { name: "alerts are not looked at", facts: { alerts: null }, answers: { firing: new Error("no such API") } },
  {
    name: "a sham without any rights",
    facts: { plan: experimentPlan({ sham: true }) },
    answers: { allowed: () => false },
  },
  { name: "a sham in mode sham", facts: { plan: experimentPlan({ sham: true }), policy: policy({ mode: "sham" }) } },
  { name: "a drain that every owner can bear", facts: { choice: drainOfNodeA, policy: alsoDrains } },
])("open: $name", async ({ facts, answers }) =>
  expect(await allClosed(preflightGates(preflightFacts(facts, answers)), signal)).toEqual([]),
);

test("a drain is refused for the sake of any workload on the node", async () => {
  const facts = preflightFacts({
    choice: drainOfNodeA,
    policy: alsoDrains,
    snapshot: withWorkload("repeater", { rollout: "new pods" }),
  });
  expect(await allClosed(preflightGates(facts), signal)).toEqual([
    { gate: "rollout", why: "Deployment go-app/repeater: rollout in progress: new pods" },
  ]);
});

test("a drain heeds the budget for all pods it takes", async () => {
  const two = [pod("repeater", "r1"), pod("repeater", "r2")];
  const snapshot = withWorkload("repeater", {
    replicas: 6,
    readyReplicas: 6,
    budgets: [{ name: "pdb", disruptionsAllowed: 1, observed: true }],
  });
  const facts = preflightFacts({
    choice: { ...drainOfNodeA, target: { ...drainOfNodeA.target, pods: [...two, STORY_PODS[2] ?? two[0]!] } },
    policy: alsoDrains,
    snapshot: { ...snapshot, pods: [...two, ...STORY_PODS.filter((one) => one.workload.name !== "repeater")] },
  });
  expect(await allClosed(preflightGates(facts), signal)).toEqual([
    { gate: "disruption-budget", why: expect.stringContaining("budget pdb allows 1 disruption now") },
  ]);
});
