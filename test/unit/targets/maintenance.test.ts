import { describe, expect, test } from "vitest";
import { closedFor, podTarget, shopPolicy, targetsOf, whyNot } from "./asked.ts";
import { NODES, node, type Recorded, snapshotOf } from "./recorded.ts";

const replicaSet: Recorded = {
  kind: "ReplicaSet",
  metadata: { name: "web", creationTimestamp: "2026-01-01T00:00:00Z" },
  spec: { replicas: 2, template: { metadata: { labels: { app: "web" } } } },
  status: { replicas: 2, readyReplicas: 2 },
};
const pod = (name: string, nodeName: string, spec: object = {}): Recorded => ({
  kind: "Pod",
  metadata: {
    name,
    labels: { app: "web" },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "uid-web", controller: true }],
  },
  spec: { nodeName, ...spec },
});
const WEB = [replicaSet, pod("web-a", "node-a"), pod("web-b", "node-b")];
const web = (nodes: readonly Recorded[], objects: readonly Recorded[] = WEB, forbidden: readonly string[] = []) =>
  snapshotOf([...objects, ...nodes], forbidden);
const onNodeA = (changes: object) => [node("node-a", changes), node("node-b"), node("node-c")];
const taint = (key: string, effect: string, value?: string) => ({ spec: { taints: [{ key, effect, value }] } });

describe("a pod is not hit when its node", () => {
  test.each([
    { name: "is cordoned", changes: { spec: { unschedulable: true } }, why: "node node-a is cordoned" },
    {
      name: "is cordoned and tainted by Kubernetes for that",
      changes: {
        spec: { unschedulable: true, taints: [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }] },
      },
      why: "node node-a is cordoned",
    },
    {
      name: "is consolidated by Karpenter",
      changes: taint("karpenter.sh/disrupted", "NoSchedule"),
      why: "node node-a has the taint karpenter.sh/disrupted:NoSchedule",
    },
    {
      name: "is consolidated by an older Karpenter",
      changes: taint("karpenter.sh/disruption", "NoSchedule", "disrupting"),
      why: "node node-a has the taint karpenter.sh/disruption=disrupting:NoSchedule",
    },
    {
      name: "is removed by the cluster autoscaler",
      changes: taint("ToBeDeletedByClusterAutoscaler", "NoSchedule", "1700000000"),
      why: "node node-a has the taint ToBeDeletedByClusterAutoscaler=1700000000:NoSchedule",
    },
    {
      name: "is a candidate of the cluster autoscaler",
      changes: taint("DeletionCandidateOfClusterAutoscaler", "PreferNoSchedule", "1700000000"),
      why: "node node-a has the taint DeletionCandidateOfClusterAutoscaler=1700000000:PreferNoSchedule",
    },
    {
      name: "is out of service",
      changes: taint("node.kubernetes.io/out-of-service", "NoExecute", "nodeshutdown"),
      why: "node node-a has the taint node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
    },
    {
      name: "is interrupted by AWS",
      changes: taint("aws-node-termination-handler/spot-itn", "NoSchedule"),
      why: "node node-a has the taint aws-node-termination-handler/spot-itn:NoSchedule",
    },
    {
      name: "keeps new pods out that the pod does not tolerate",
      changes: taint("team", "NoSchedule", "other"),
      why: "node node-a has the taint team=other:NoSchedule",
    },
    {
      name: "has a problem that the node problem detector found",
      changes: { status: { conditions: [{ type: "KernelDeadlock", status: "True" }] } },
      why: "node node-a has KernelDeadlock",
      all: true,
    },
    {
      name: "has a file system that became read-only",
      changes: { status: { conditions: [{ type: "ReadonlyFilesystem", status: "True" }] } },
      why: "node node-a has ReadonlyFilesystem",
      all: true,
    },
  ])("$name", async ({ changes, why, all = false }) => {
    const snapshot = await web(onNodeA(changes));
    // those on other nodes must carry the load of one that is unwell
    expect(whyNot(snapshot, "ReplicaSet shop/web")).toBe(all ? why : `may be hit, but not pod web-a: ${why}`);
    expect(targetsOf(snapshot, "ReplicaSet shop/web").targets.map((one) => one.node)).toEqual(all ? [] : ["node-b"]);
    expect(await closedFor(snapshot, podTarget(snapshot, "web-a"))).toContain(why);
  });
});

describe("a pod may be hit when its node", () => {
  test.each([
    { name: "has a taint that only prefers", changes: taint("slow", "PreferNoSchedule") },
    {
      name: "has a condition that is true when all is well",
      changes: { status: { conditions: [{ type: "NodeHealthy", status: "True" }] } },
    },
    { name: "has no problem", changes: { status: { conditions: [{ type: "KernelDeadlock", status: "False" }] } } },
  ])("$name", async ({ changes }) =>
    expect(whyNot(await web(onNodeA(changes)), "ReplicaSet shop/web")).toBe("may be hit"),
  );
  test("has a taint that the pod tolerates", async () => {
    const tolerations = [{ key: "gpu", operator: "Exists", effect: "NoSchedule" }];
    const objects = [replicaSet, pod("web-a", "node-a", { tolerations }), pod("web-b", "node-b")];
    expect(whyNot(await web(onNodeA(taint("gpu", "NoSchedule", "yes")), objects), "ReplicaSet shop/web")).toBe(
      "may be hit",
    );
  });
});

test("a pod that tolerates everything is still not taken from a node that is removed", async () => {
  const objects = [
    replicaSet,
    pod("web-a", "node-a", { tolerations: [{ operator: "Exists" }] }),
    pod("web-b", "node-b"),
  ];
  const snapshot = await web(onNodeA(taint("karpenter.sh/disrupted", "NoSchedule")), objects);
  expect(whyNot(snapshot, "ReplicaSet shop/web")).toContain(
    "pod web-a: node node-a has the taint karpenter.sh/disrupted",
  );
});

describe("no pod is hit when no schedulable node could take its replacement", () => {
  const nowhere = "no schedulable node could take its replacement";
  test("as every node is cordoned", async () => {
    const cordoned = NODES.map((one) => node(one.metadata.name, { spec: { unschedulable: true } }));
    expect(whyNot(await web(cordoned), "ReplicaSet shop/web")).toBe(
      "none of its pods may be hit: web-a: node node-a is cordoned; web-b: node node-b is cordoned",
    );
  });
  test("as its node selector names a label that no node has any more", async () => {
    const objects = [replicaSet, pod("web-a", "node-a", { nodeSelector: { disk: "ssd" } }), pod("web-b", "node-b")];
    expect(whyNot(await web(NODES, objects), "ReplicaSet shop/web")).toBe(`may be hit, but not pod web-a: ${nowhere}`);
  });
  test.each([
    { operator: "In", values: ["x"], why: nowhere },
    { operator: "NotIn", values: ["a", "b", "c"], why: nowhere },
    { operator: "DoesNotExist", values: [], why: nowhere },
    { operator: "Near", values: ["b"], why: nowhere },
    { operator: "In", values: ["b"], why: null },
    { operator: "Exists", values: [], why: null },
  ])("as its required affinity is zone $operator $values: $why", async ({ operator, values, why }) => {
    const matchExpressions = [{ key: "topology.kubernetes.io/zone", operator, values }];
    const nodeAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    };
    const objects = [replicaSet, pod("web-a", "node-a", { affinity: { nodeAffinity } }), pod("web-b", "node-b")];
    expect(whyNot(await web(NODES, objects), "ReplicaSet shop/web")).toBe(
      why === null ? "may be hit" : `may be hit, but not pod web-a: ${why}`,
    );
  });
  test("a drain needs another node, and an outage one in another zone", async () => {
    const nodes = [node("node-a"), node("node-b", { spec: { unschedulable: true } })];
    const snapshot = await web(nodes);
    const drain = targetsOf(snapshot, "ReplicaSet shop/web", shopPolicy({ kind: "node-drain", durationMs: 60_000 }));
    expect(drain.refusals).toEqual([
      "drain of node node-a: no other schedulable node could take the replacement of pod web-a",
    ]);
    const outage = targetsOf(snapshot, "ReplicaSet shop/web", shopPolicy({ kind: "zone-outage", durationMs: 60_000 }));
    expect(outage.refusals).toEqual([
      "outage of zone a: no other schedulable node could take the replacement of pod web-a",
    ]);
  });
});

describe("missing rights are told as such", () => {
  test("for nodes", async () =>
    expect(whyNot(await web(NODES, WEB, ["nodes"]), "ReplicaSet shop/web")).toBe(
      "none of its pods may be hit: web-a: cannot tell how node node-a is: not allowed to list nodes (grant it); " +
        "web-b: cannot tell how node node-b is: not allowed to list nodes (grant it)",
    ));
  test("and a node that is gone is told as gone", async () =>
    expect(whyNot(await web([node("node-b"), node("node-c")]), "ReplicaSet shop/web")).toBe(
      "node node-a was not found",
    ));
});

describe("an autoscaler", () => {
  const hpa = (status: object): Recorded => ({
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "web" },
    spec: { maxReplicas: 5, scaleTargetRef: { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web" } },
    status,
  });
  const failing = {
    type: "ScalingActive",
    status: "False",
    reason: "FailedGetResourceMetric",
    message: "the HPA was unable to compute the replica count: no metrics returned from resource metrics API",
  };
  test.each([
    {
      name: "whose metrics cannot be read is told, and closes nothing",
      status: { currentReplicas: 2, desiredReplicas: 0, conditions: [failing] },
      says: `may be hit (autoscaler web cannot read its metrics: FailedGetResourceMetric: ${failing.message})`,
    },
    {
      name: "that wants 0 without any metric is told as blind",
      status: { currentReplicas: 2, desiredReplicas: 0 },
      says: "may be hit (autoscaler web cannot read its metrics: it has no metrics yet)",
    },
    {
      name: "that scales closes",
      status: {
        currentReplicas: 2,
        desiredReplicas: 3,
        currentMetrics: [{}],
        conditions: [{ type: "ScalingActive", status: "True" }],
      },
      says: "autoscaler web is going from 2 to 3 replicas",
    },
    {
      name: "that is at rest says nothing",
      status: { currentReplicas: 2, desiredReplicas: 2, currentMetrics: [{}] },
      says: "may be hit",
    },
  ])("$name", async ({ status, says }) => {
    const snapshot = await web(NODES, [...WEB, hpa(status)]);
    expect(whyNot(snapshot, "ReplicaSet shop/web")).toBe(says);
    const closed = await closedFor(snapshot, podTarget(snapshot, "web-a"));
    expect(closed).toBe(says.startsWith("may be hit") ? null : `autoscaler: ReplicaSet shop/web: ${says}`);
  });
});

describe("availability", () => {
  const set = (spec: object, status: object): Recorded => ({
    kind: "StatefulSet",
    metadata: { name: "db", generation: 1, uid: "uid-web" },
    spec: { replicas: 2, updateStrategy: { type: "RollingUpdate" }, ...spec },
    status: {
      ...{ observedGeneration: 1, replicas: 2, readyReplicas: 2, availableReplicas: 2, updatedReplicas: 2 },
      ...{ currentRevision: "db-1", updateRevision: "db-1" },
      ...status,
    },
  });
  const db = (name: string, nodeName: string, revision = "db-1"): Recorded => ({
    kind: "Pod",
    metadata: {
      name,
      labels: { "controller-revision-hash": revision },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "db", uid: "uid-web", controller: true }],
    },
    spec: { nodeName },
  });
  const rolling = { currentRevision: "db-1", updateRevision: "db-2" };
  test.each([
    {
      name: "with minReadySeconds a pod that is Ready and not yet available does not count",
      set: set({ minReadySeconds: 60 }, { availableReplicas: 1 }),
      says: "rollout in progress: 1 of 2 replicas are available; 1 of 2 replicas are ready",
    },
    { name: "without minReadySeconds Ready is enough", set: set({}, { availableReplicas: 0 }), says: "may be hit" },
    {
      name: "a set above whose partition all is new is at rest",
      set: set(
        { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } },
        { ...rolling, updatedReplicas: 1 },
      ),
      says: "may be hit",
    },
    {
      name: "a set that may miss several pods in a rollout rolls until all are new",
      set: set(
        { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2 } } },
        { ...rolling, updatedReplicas: 1 },
      ),
      says: "rollout in progress: 1 of 2 replicas are updated",
    },
    {
      name: "with OnDelete a pod whose replacement would be newer is spared",
      set: set({ updateStrategy: { type: "OnDelete" } }, { ...rolling, updatedReplicas: 0 }),
      says: "none of its pods may be hit: db-0: its replacement would have a newer template (update strategy OnDelete); db-1: its replacement would have a newer template (update strategy OnDelete)",
    },
    {
      name: "with OnDelete and nothing new a pod may be hit",
      set: set({ updateStrategy: { type: "OnDelete" } }, {}),
      says: "may be hit",
    },
  ])("$name", async ({ set, says }) =>
    expect(
      whyNot(await snapshotOf([set, db("db-0", "node-a"), db("db-1", "node-b"), ...NODES]), "StatefulSet shop/db"),
    ).toBe(says),
  );
  test("with OnDelete a DaemonSet's pod of an older revision is spared", async () => {
    const owner = { apiVersion: "apps/v1", kind: "DaemonSet", name: "agent", uid: "uid-agent", controller: true };
    const revision = (name: string, revision: number, hash: string): Recorded => ({
      kind: "ControllerRevision",
      revision,
      metadata: {
        name,
        labels: { "controller-revision-hash": hash },
        ownerReferences: [owner],
        creationTimestamp: "2026-01-01T00:00:00Z",
      },
    });
    const agent = (name: string, nodeName: string, hash: string): Recorded => ({
      kind: "Pod",
      metadata: { name, labels: { "controller-revision-hash": hash }, ownerReferences: [owner] },
      spec: { nodeName },
    });
    const daemonSet: Recorded = {
      kind: "DaemonSet",
      metadata: { name: "agent" },
      spec: { updateStrategy: { type: "OnDelete" } },
      status: { desiredNumberScheduled: 2, numberReady: 2, updatedNumberScheduled: 1, numberAvailable: 2 },
    };
    const objects = [daemonSet, revision("agent-1", 1, "old"), revision("agent-2", 2, "new")];
    const snapshot = await snapshotOf([
      ...objects,
      agent("agent-x", "node-a", "old"),
      agent("agent-y", "node-b", "new"),
      ...NODES,
    ]);
    expect(
      targetsOf(snapshot, "DaemonSet shop/agent").targets.flatMap((one) => one.pods.map((pod) => pod.name)),
    ).toEqual(["agent-y"]);
  });
  test("a paused Deployment is told as paused while its pods are not all of the newest template", async () => {
    const paused: Recorded = {
      kind: "Deployment",
      metadata: { name: "web", generation: 3 },
      spec: { replicas: 2, paused: true },
      status: { observedGeneration: 3, replicas: 2, updatedReplicas: 0, readyReplicas: 2, availableReplicas: 2 },
    };
    expect(whyNot(await snapshotOf([paused, ...NODES]), "Deployment shop/web")).toContain(
      "rollout in progress: it is paused, and 0 of 2 replicas are updated",
    );
  });
});
