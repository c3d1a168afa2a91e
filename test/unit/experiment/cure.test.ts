import { expect, test } from "vitest";
import { cureOf, doneFromOutside } from "../../../src/core/experiment/cure.ts";
import type { ClusterSnapshot } from "../../../src/core/model/cluster.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import { storyCluster } from "../../support/cluster.ts";
import { T0 } from "../../support/experiments.ts";

const NOW_MS = T0 + 20 * MINUTE_MS;
const SINCE_MS = T0 + 10 * MINUTE_MS;
const of = (look: typeof cureOf, cluster: ClusterSnapshot) => look(cluster, ["go-app/go-app"], T0, NOW_MS);

const rolledOut = (atMs: number): ClusterSnapshot => {
  const cluster = storyCluster();
  const workloads = cluster.workloads.map((one) => (one.name === "go-app" ? { ...one, rolledOutAtMs: atMs } : one));
  return { ...cluster, workloads };
};
const changed = (pod: { readonly createdAtMs?: number; readonly lastStartedAtMs?: number }): ClusterSnapshot => {
  const cluster = storyCluster();
  return { ...cluster, pods: cluster.pods.map((one) => (one.workload.name === "go-app" ? { ...one, ...pod } : one)) };
};

test("a rollout is a cure, and was done from outside", () => {
  expect(of(cureOf, rolledOut(SINCE_MS))).toBe("a rollout of Deployment go-app/go-app");
  expect(of(doneFromOutside, rolledOut(SINCE_MS))).toBe("a rollout of Deployment go-app/go-app");
});

test("containers that start again may be a cure, but heal themselves", () => {
  expect(of(cureOf, changed({ lastStartedAtMs: SINCE_MS }))).toBe("a restart of every pod of Deployment go-app/go-app");
  expect(of(doneFromOutside, changed({ lastStartedAtMs: SINCE_MS }))).toBeNull();
});

test("new pods in place of all were made from outside", () =>
  expect(of(doneFromOutside, changed({ createdAtMs: SINCE_MS }))).toBe(
    "new pods in place of all of Deployment go-app/go-app",
  ));

test.each([
  { name: "nothing", cluster: storyCluster() },
  { name: "what was done before", cluster: rolledOut(T0 - MINUTE_MS) },
  { name: "what was done to others", cluster: { ...rolledOut(SINCE_MS), workloads: [] } },
])("$name is neither", ({ cluster }) => {
  expect(of(cureOf, cluster)).toBeNull();
  expect(of(doneFromOutside, cluster)).toBeNull();
});
