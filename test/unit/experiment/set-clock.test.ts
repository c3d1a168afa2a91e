import { expect, test } from "vitest";
import { cureOf, doneFromOutside } from "../../../src/core/experiment/cure.ts";
import { withoutSetClock } from "../../../src/core/experiment/set-clock.ts";
import type { ClusterSnapshot, Pod, Workload } from "../../../src/core/model/cluster.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import { storyCluster } from "../../support/cluster.ts";
import { T0 } from "../../support/experiments.ts";

const OLD = T0 - 24 * HOUR_MS;
const NOW_MS = T0 + 10 * MINUTE_MS;
const SERVICES = ["go-app/go-app"];

const cluster = (pod: (one: Pod) => Pod, workload: (one: Workload) => Workload = (one) => one): ClusterSnapshot => {
  const all = storyCluster({ takenAtMs: T0 });
  const mine = (one: Pod) => one.workload.name === "go-app";
  return {
    ...all,
    pods: all.pods.map((one) =>
      mine(one) ? pod({ ...one, createdAtMs: OLD, lastStartedAtMs: OLD, readySinceMs: OLD }) : one,
    ),
    workloads: all.workloads.map((one) => (one.name === "go-app" ? workload({ ...one, rolledOutAtMs: OLD }) : one)),
  };
};
const before = cluster((one) => one);
/** As of a clock that was set back by an hour a minute after the call. */
const backMs = T0 + 2 * MINUTE_MS - HOUR_MS;
const another = (one: Pod): Pod => ({ ...one, uid: `${one.uid}-2`, createdAtMs: backMs, readySinceMs: backMs });

test.each([
  { name: "new pods", after: cluster(another), cure: "a restart of every pod", outside: "new pods in place" },
  {
    name: "a rollout",
    after: cluster(
      (one) => one,
      (one) => ({ ...one, rolledOutAtMs: backMs }),
    ),
    cure: "a rollout of",
    outside: "a rollout of",
  },
  {
    name: "containers that began again",
    after: cluster((one) => ({ ...one, lastStartedAtMs: backMs })),
    cure: "a restart of every pod",
    outside: null,
  },
])("$name are seen although they look older than the call", ({ after, cure, outside }) => {
  expect(cureOf(after, SERVICES, T0, NOW_MS)).toBeNull();
  const told = withoutSetClock(before, after, NOW_MS);
  expect(cureOf(told, SERVICES, T0, NOW_MS)).toContain(cure);
  const done = doneFromOutside(told, SERVICES, T0 + MINUTE_MS, NOW_MS);
  if (outside === null) expect(done).toBeNull();
  else expect(done).toContain(outside);
});

test("since when such a pod is Ready is not known", () => {
  const { pods } = withoutSetClock(before, cluster(another), NOW_MS);
  expect(pods.filter((one) => one.workload.name === "go-app").map((one) => one.readySinceMs)).not.toContain(backMs);
});

test("what was there before and what came after it stay as they are", () => {
  const later = cluster((one) => ({
    ...one,
    uid: `${one.uid}-2`,
    createdAtMs: T0,
    lastStartedAtMs: T0,
    readySinceMs: T0,
  }));
  expect(withoutSetClock(before, before, NOW_MS)).toEqual(before);
  expect(withoutSetClock(before, later, NOW_MS)).toEqual(later);
});
