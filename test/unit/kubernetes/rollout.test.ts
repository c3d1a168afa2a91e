import type { V1DaemonSet, V1Deployment, V1ReplicaSet, V1StatefulSet } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { deploymentRolledOut, revisionRolledOut } from "../../../src/adapters/kubernetes/read/revisions.ts";
import {
  daemonSetRollout,
  deploymentRollout,
  statefulSetRollout,
} from "../../../src/adapters/kubernetes/read/rollout.ts";

const MARCH = new Date("2026-03-06T09:00:00Z");
const APRIL = new Date("2026-04-06T09:00:00Z");
const MAY = new Date("2026-05-06T09:00:00Z");

const deployment = (status: Partial<V1Deployment["status"]>, generation = 2): V1Deployment =>
  ({
    metadata: { uid: "d", generation },
    spec: { replicas: 3 },
    status: {
      observedGeneration: 2,
      replicas: 3,
      updatedReplicas: 3,
      availableReplicas: 3,
      readyReplicas: 3,
      ...status,
    },
  }) as V1Deployment;
const deadline = { conditions: [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }] };

describe("a Deployment", () => {
  test.each([
    { name: "is at rest when all replicas are new and available", object: deployment({}), why: null },
    {
      name: "rolls while the controller has not seen its spec",
      object: deployment({}, 3),
      why: "its newest spec was not yet seen by the controller",
    },
    {
      name: "rolls while replicas are old",
      object: deployment({ updatedReplicas: 1 }),
      why: "1 of 3 replicas are updated",
    },
    {
      name: "rolls while old ones are left",
      object: deployment({ replicas: 4 }),
      why: "1 old replica(s) still to be removed",
    },
    {
      name: "rolls while new ones are not available",
      object: deployment({ availableReplicas: 2 }),
      why: "2 of 3 updated replicas are available",
    },
    { name: "rolls when it is stuck", object: deployment(deadline), why: "the rollout exceeded its progress deadline" },
  ])("$name", ({ object, why }) => expect(deploymentRollout(object)).toBe(why));
});

const statefulSet = (status: object, updateStrategy: object = { type: "RollingUpdate" }): V1StatefulSet =>
  ({
    metadata: { generation: 2 },
    spec: { replicas: 3, updateStrategy },
    status: {
      observedGeneration: 2,
      readyReplicas: 3,
      updatedReplicas: 3,
      currentRevision: "r1",
      updateRevision: "r1",
      ...status,
    },
  }) as V1StatefulSet;

describe("a StatefulSet", () => {
  test.each([
    { name: "is at rest when all are ready in one revision", object: statefulSet({}), why: null },
    {
      name: "rolls while one is not ready",
      object: statefulSet({ readyReplicas: 2 }),
      why: "2 of 3 replicas are ready",
    },
    {
      name: "rolls between two revisions",
      object: statefulSet({ updateRevision: "r2", updatedReplicas: 1 }),
      why: "1 of 3 replicas are updated",
    },
    {
      name: "is at rest when the part above its partition is new",
      object: statefulSet(
        { updateRevision: "r2", updatedReplicas: 1 },
        { type: "RollingUpdate", rollingUpdate: { partition: 2 } },
      ),
      why: null,
    },
    {
      name: "rolls until the part above its partition is new",
      object: statefulSet(
        { updateRevision: "r2", updatedReplicas: 0 },
        { type: "RollingUpdate", rollingUpdate: { partition: 2 } },
      ),
      why: "0 of 1 replicas are updated",
    },
    {
      name: "that is updated by hand never rolls",
      object: statefulSet({ updateRevision: "r2", updatedReplicas: 0 }, { type: "OnDelete" }),
      why: null,
    },
  ])("$name", ({ object, why }) => expect(statefulSetRollout(object)).toBe(why));
});

const daemonSet = (status: object): V1DaemonSet =>
  ({
    metadata: { generation: 1 },
    spec: {},
    status: {
      observedGeneration: 1,
      desiredNumberScheduled: 3,
      updatedNumberScheduled: 3,
      numberAvailable: 3,
      ...status,
    },
  }) as V1DaemonSet;

describe("a DaemonSet", () => {
  test.each([
    { name: "is at rest when all are new and available", object: daemonSet({}), why: null },
    {
      name: "rolls while pods are old",
      object: daemonSet({ updatedNumberScheduled: 2 }),
      why: "2 of 3 pods are updated",
    },
    {
      name: "rolls while one is not available",
      object: daemonSet({ numberAvailable: 2 }),
      why: "2 of 3 pods are available",
    },
  ])("$name", ({ object, why }) => expect(daemonSetRollout(object)).toBe(why));
});

const replicaSet = (revision: number, born: Date, owner = "d"): V1ReplicaSet => ({
  metadata: {
    creationTimestamp: born,
    annotations: { "deployment.kubernetes.io/revision": String(revision) },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "d", uid: owner, controller: true }],
  },
});

describe("when a template changed last", () => {
  test("is the birth of the newest ReplicaSet", () => {
    expect(deploymentRolledOut(deployment({}), [replicaSet(1, MARCH), replicaSet(2, APRIL)])).toBe(APRIL.getTime());
  });

  test("is the end of the rollout after a roll-back, whose ReplicaSet is an old one", () => {
    const conditions = [{ type: "Progressing", status: "True", lastUpdateTime: MAY }];
    const object = deployment({ conditions });
    expect(deploymentRolledOut(object, [replicaSet(3, MARCH), replicaSet(2, APRIL)])).toBe(MAY.getTime());
  });

  test("does not look at other Deployments' ReplicaSets", () => {
    expect(deploymentRolledOut(deployment({}), [replicaSet(9, MAY, "other"), replicaSet(1, MARCH)])).toBe(
      MARCH.getTime(),
    );
  });

  test("is not known without any ReplicaSet or revision", () => {
    expect([deploymentRolledOut(deployment({}), []), revisionRolledOut("s", [])]).toEqual([null, null]);
  });

  test("is the birth of the newest revision of a set", () => {
    const revision = (born: Date) => ({ revision: 1, metadata: replicaSet(1, born, "s").metadata! });
    expect(revisionRolledOut("s", [revision(MARCH), revision(MAY)])).toBe(MAY.getTime());
  });
});
