import { describe, expect, test } from "vitest";
import type { ClusterSnapshot } from "../../../src/core/model/cluster.ts";
import { T0 } from "../../integration/kubernetes/support/parts.ts";
import { pastInjection } from "../../support/cluster.ts";
import { closedFor, podTarget, shopPolicy, targetsOf, whatIfPrinted, whyNot } from "./asked.ts";
import { NODES, type Recorded, recorded, snapshotOf } from "./recorded.ts";

const cluster = (name: string, more: readonly Recorded[] = [], forbidden: readonly string[] = []) =>
  snapshotOf([...recorded(name), ...NODES, ...more], forbidden);
const servicesOf = (snapshot: ClusterSnapshot, name: string) =>
  snapshot.pods.find((pod) => pod.name === name)?.services;
const hittable = (snapshot: ClusterSnapshot, workload: string) =>
  targetsOf(snapshot, workload).targets.flatMap((target) => target.pods.map((pod) => pod.name));

describe("a Patroni cluster, whose roles are labels of run time", () => {
  const spared = "pod demo-0: disruption budget postgres-demo-pdb allows no disruption now";
  test("why-not spares the master and no other pod", async () =>
    expect(whyNot(await cluster("patroni"), "StatefulSet shop/demo")).toContain(`may be hit, but not ${spared}`));
  test("plan --what-if spares it, too", async () =>
    expect(whatIfPrinted(await cluster("patroni"))).toContain(`(not now ${spared})`));
  test("only the replicas are drawn", async () =>
    expect(hittable(await cluster("patroni"), "StatefulSet shop/demo")).toEqual(["demo-1", "demo-2"]));
  test("the gate is closed for the master and open for a replica", async () => {
    const snapshot = await cluster("patroni");
    expect(await closedFor(snapshot, podTarget(snapshot, "demo-0"))).toBe(
      "disruption-budget: StatefulSet shop/demo: disruption budget postgres-demo-pdb allows no disruption now",
    );
    expect(await closedFor(snapshot, podTarget(snapshot, "demo-1"))).toBeNull();
  });
  test("the master's Service is found by its EndpointSlice, the replicas' by their labels", async () => {
    const snapshot = await cluster("patroni");
    expect(servicesOf(snapshot, "demo-0")).toEqual(["shop/demo"]);
    expect(servicesOf(snapshot, "demo-1")).toEqual(["shop/demo-repl"]);
  });
  test("only the Services of the pod that is hit are concerned", async () => {
    const [first] = targetsOf(await cluster("patroni"), "StatefulSet shop/demo").targets;
    expect(first?.services).toEqual(["shop/demo-repl"]);
  });
  test("losing the one pod behind the master's Service leaves nobody to answer", async () => {
    const printed = whatIfPrinted(await cluster("patroni"));
    expect(printed).toMatch(/nobody left to answer {2}shop\/demo:/);
    expect(printed).toMatch(/fewer pods {2,}shop\/demo-repl: .*1 of 2 pods missing/);
  });
  test("a cooldown of the master's Service does not keep the replicas", async () => {
    const past = [pastInjection("client", T0 - 60_000, { services: ["shop/demo"] })];
    const snapshot = await cluster("patroni");
    expect(targetsOf(snapshot, "StatefulSet shop/demo", shopPolicy(), past).targets).toHaveLength(2);
    const elsewhere = [pastInjection("client", T0 - 60_000, { services: ["shop/demo-repl"] })];
    expect(whyNot(snapshot, "StatefulSet shop/demo", elsewhere)).toMatch(
      /none of its pods may be hit: demo-0: disruption.*demo-1: cooldown/,
    );
    expect(await closedFor(snapshot, podTarget(snapshot, "demo-1"), shopPolicy(), elsewhere)).toMatch(/^cooldown: /);
  });
  test("labels that the policy excludes spare the pod that has them now", async () => {
    const excludeLabels = [{ key: "spilo-role", operator: "In" as const, values: ["replica"] }];
    const asked = shopPolicy({ kind: "pod-delete" }, { excludeLabels });
    expect(whyNot(await cluster("patroni"), "StatefulSet shop/demo", [], asked)).toContain(
      "demo-1: it has the labels that the policy excludes (spilo-role=replica)",
    );
  });
  test("without the right to list EndpointSlices nothing is hit, and the right is named", async () =>
    expect(whyNot(await cluster("patroni", [], ["endpointslices"]), "StatefulSet shop/demo")).toContain(
      "cannot tell what the Services without a selector in shop lead to: not allowed to list endpointslices (grant it)",
    ));
  test("headless Services and those without a selector are told as what they are", async () => {
    const { serviceNotes } = await cluster("patroni");
    expect(serviceNotes).toEqual([
      { service: "shop/demo", what: "without a selector: its EndpointSlices say where it leads" },
      {
        service: "shop/demo-config",
        what: "headless: its callers choose among the pods themselves; without a selector: its EndpointSlices say where it leads",
      },
    ]);
  });
});

describe("a Redis failover set", () => {
  test("its roles' Services lead to one pod each", async () => {
    const snapshot = await cluster("redis-failover");
    expect(servicesOf(snapshot, "rfr-cache-0")).toEqual(["shop/rfrm-cache"]);
    expect(servicesOf(snapshot, "rfr-cache-1")).toEqual(["shop/rfrs-cache"]);
  });
  test("with OnDelete the pod that would come back with a newer template is spared", async () =>
    expect(whyNot(await cluster("redis-failover"), "StatefulSet shop/rfr-cache")).toBe(
      "may be hit, but not pod rfr-cache-0: its replacement would have a newer template (update strategy OnDelete) (it belongs to RedisFailover cache)",
    ));
});

test("a Service for one pod by its name (pod-name label) concerns that pod alone", async () => {
  const external = {
    kind: "Service",
    metadata: { name: "demo-2-external" },
    spec: { selector: { "statefulset.kubernetes.io/pod-name": "demo-2" } },
  };
  const snapshot = await cluster("patroni", [external]);
  expect(servicesOf(snapshot, "demo-2")).toEqual(["shop/demo-repl", "shop/demo-2-external"]);
  expect(servicesOf(snapshot, "demo-1")).toEqual(["shop/demo-repl"]);
  expect(snapshot.workloads[0]?.services).toEqual(["shop/demo", "shop/demo-repl", "shop/demo-2-external"]);
});

describe("CloudNativePG", () => {
  test("the primary has another budget and other Services than the replicas", async () => {
    const snapshot = await cluster("cnpg");
    expect(hittable(snapshot, "Cluster shop/orders")).toEqual(["orders-2", "orders-3"]);
    expect(servicesOf(snapshot, "orders-1")).toEqual(["shop/orders-rw", "shop/orders-r"]);
    expect(servicesOf(snapshot, "orders-2")).toEqual(["shop/orders-ro", "shop/orders-r"]);
    expect(whyNot(snapshot, "Cluster shop/orders")).toBe(
      "may be hit, but not pod orders-1: disruption budget orders-primary allows no disruption now",
    );
  });
});

describe("budgets", () => {
  const web = (name: string, labels: Record<string, string> = {}, spec: object = {}): Recorded => ({
    kind: "Pod",
    metadata: {
      name,
      labels: { app: "web", ...labels },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "uid-web", controller: true }],
    },
    spec,
  });
  const set: Recorded = {
    kind: "StatefulSet",
    metadata: { name: "web" },
    spec: { replicas: 3, template: { metadata: { labels: { app: "web" } } } },
    status: { replicas: 3, readyReplicas: 3, updatedReplicas: 3, currentRevision: "r", updateRevision: "r" },
  };
  const budget = (name: string, matchLabels: Record<string, string>, allowed: number, healthy = 3): Recorded => ({
    kind: "PodDisruptionBudget",
    metadata: { name, generation: 1 },
    spec: { selector: { matchLabels } },
    status: {
      observedGeneration: 1,
      disruptionsAllowed: allowed,
      currentHealthy: healthy,
      desiredHealthy: healthy - allowed,
    },
  });
  const three = [
    web("web-0", { shard: "a" }),
    web("web-1", { shard: "b" }),
    web("web-2", { shard: "b" }, { nodeName: "node-b" }),
  ];

  test("for one pod of three protects that one", async () => {
    const snapshot = await snapshotOf([set, ...three, budget("a", { shard: "a" }, 0), ...NODES]);
    expect(hittable(snapshot, "StatefulSet shop/web")).toEqual(["web-1", "web-2"]);
  });
  test("for all pods closes the workload, told once", async () => {
    const snapshot = await snapshotOf([set, ...three, budget("all", { app: "web" }, 0), ...NODES]);
    expect(whyNot(snapshot, "StatefulSet shop/web")).toBe("disruption budget all allows no disruption now");
  });
  test("two for one pod: it may be deleted, and is never evicted", async () => {
    const objects = [set, ...three, budget("a", { shard: "a" }, 1, 1), budget("all", { app: "web" }, 1), ...NODES];
    const snapshot = await snapshotOf(objects);
    expect(hittable(snapshot, "StatefulSet shop/web")).toHaveLength(3);
    const evicted = targetsOf(snapshot, "StatefulSet shop/web", shopPolicy({ kind: "pod-evict" }));
    expect(evicted.targets).toHaveLength(2);
    expect(evicted.refusals).toEqual([
      "pod web-0: 2 disruption budgets select it (a, all), and Kubernetes evicts no such pod",
    ]);
  });
  test("one that spans two workloads counts the pods of both in a drain", async () => {
    const other = {
      ...web("api-0"),
      metadata: {
        ...web("api-0").metadata,
        labels: { app: "web" },
        ownerReferences: [
          { apiVersion: "apps/v1", kind: "StatefulSet", name: "api", uid: "uid-api", controller: true },
        ],
      },
    };
    const second = {
      ...set,
      metadata: { name: "api" },
      spec: { replicas: 1 },
      status: { ...(set.status as object), replicas: 1, readyReplicas: 1 },
    };
    const apart = [web("web-0"), web("web-1", {}, { nodeName: "node-b" }), web("web-2", {}, { nodeName: "node-c" })];
    const objects = [set, second, ...apart, other, budget("all", { app: "web" }, 1), ...NODES];
    const drain = shopPolicy({ kind: "node-drain", durationMs: 60_000 });
    const { refusals } = targetsOf(await snapshotOf(objects), "StatefulSet shop/web", drain);
    expect(refusals[0]).toBe(
      "drain of node node-a: disruption budget all allows 1 disruption now, and 2 pods would go",
    );
  });
  test("AlwaysAllow lets pods that are not Ready go, and only those", async () => {
    const spent = budget("all", { app: "web" }, 0);
    const always = { ...spent, spec: { ...(spent.spec as object), unhealthyPodEvictionPolicy: "AlwaysAllow" } };
    const snapshot = await snapshotOf([set, ...three, always, ...NODES]);
    expect(snapshot.pods[0]?.budgets).toEqual([
      { name: "all", disruptionsAllowed: 0, observed: true, unreadyMayGo: true },
    ]);
    expect(whyNot(snapshot, "StatefulSet shop/web")).toBe("disruption budget all allows no disruption now");
  });
});

describe("Services", () => {
  test("an ExternalName leads to no pod, whatever its selector says; Knative's own endpoints do", async () => {
    const snapshot = await cluster("knative");
    expect(snapshot.workloads[0]?.services).toEqual(["shop/hello-00001", "shop/hello-00001-private"]);
    expect(snapshot.serviceNotes?.map((one) => one.what)).toContain(
      "ExternalName of kourier-internal.kourier-system.svc.cluster.local: it leads to no pod",
    );
  });
  test("a pod on its node's network is not taken for another with that address", async () => {
    const pod = (name: string): Recorded => ({
      kind: "Pod",
      metadata: { name },
      spec: { hostNetwork: true },
      status: { podIP: "192.168.0.1" },
    });
    const service = { kind: "Service", metadata: { name: "ingress" }, spec: {} };
    const slice = {
      kind: "EndpointSlice",
      metadata: { name: "ingress-1", labels: { "kubernetes.io/service-name": "ingress" } },
      endpoints: [{ addresses: ["192.168.0.1"], targetRef: { kind: "Pod", name: "one", uid: "uid-one" } }],
    };
    const snapshot = await snapshotOf([pod("one"), pod("two"), service, slice]);
    expect(servicesOf(snapshot, "one")).toEqual(["shop/ingress"]);
    expect(servicesOf(snapshot, "two")).toEqual([]);
  });
});
