import type { V1Pod, V1Probe } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import type { NamespaceLists } from "../../../src/adapters/kubernetes/read/namespace-lists.ts";
import { refOf } from "../../../src/adapters/kubernetes/read/owners.ts";
import { toPod } from "../../../src/adapters/kubernetes/read/pod.ts";
import { hostsAsked } from "../../../src/adapters/kubernetes/read/probe-hosts.ts";
import { designOf } from "../../../src/adapters/kubernetes/read/workload-design.ts";
import { toWorkloads } from "../../../src/adapters/kubernetes/read/workloads.ts";
import type { WorkloadRef } from "../../../src/core/model/cluster.ts";

const EMPTY: NamespaceLists = {
  ...{ namespace: {}, pods: [], deployments: [], replicaSets: [], statefulSets: [], daemonSets: [] },
  ...{ revisions: [], services: [], endpointSlices: [], budgets: [], autoscalers: [] },
};
const META = { namespace: "shop", name: "web", uid: "w" };
const TEMPLATE = { metadata: { labels: { app: "web" } } };
const ref = (kind: WorkloadRef["kind"], name = "web"): WorkloadRef => ({ kind, namespace: "shop", name });
const pod = (name: string, extra: V1Pod = {}): V1Pod => ({
  ...extra,
  metadata: { namespace: "shop", name, uid: name, labels: { app: "web" }, ...extra.metadata },
  status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }], ...extra.status },
});

describe("workloads", () => {
  test("an autoscaler belongs to what it scales", () => {
    const autoscalers = [
      {
        metadata: { name: "hpa" },
        spec: { maxReplicas: 5, scaleTargetRef: { kind: "Deployment", name: "web" } },
        status: { desiredReplicas: 3, currentReplicas: 2, conditions: [] },
      },
    ];
    const [web] = toWorkloads(
      { ...EMPTY, autoscalers, deployments: [{ metadata: META, spec: { selector: {}, template: TEMPLATE } }] },
      [],
    );
    expect(web?.autoscaler).toEqual({
      name: "hpa",
      minReplicas: 1,
      maxReplicas: 5,
      currentReplicas: 2,
      desiredReplicas: 3,
    });
  });

  test("a budget whose controller has not seen its newest spec says so", () => {
    const budget = {
      metadata: { name: "b", generation: 2 },
      spec: { selector: {} },
      status: { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 },
    };
    const [web] = toWorkloads(
      { ...EMPTY, budgets: [budget], deployments: [{ metadata: META, spec: { selector: {}, template: TEMPLATE } }] },
      [],
    );
    expect(web?.budgets).toEqual([{ name: "b", disruptionsAllowed: 1, observed: false }]);
  });

  test("a DaemonSet wants what its nodes want", () => {
    const status = { desiredNumberScheduled: 4, numberReady: 3, currentNumberScheduled: 4, numberMisscheduled: 0 };
    const [web] = toWorkloads(
      { ...EMPTY, daemonSets: [{ metadata: META, spec: { selector: {}, template: TEMPLATE }, status }] },
      [],
    );
    expect(web).toMatchObject({ kind: "DaemonSet", replicas: 4, readyReplicas: 3 });
  });

  test("a ReplicaSet that a Deployment owns is not one of its own", () => {
    const owned = {
      metadata: {
        ...META,
        ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "d", controller: true }],
      },
    };
    expect(
      toWorkloads({ ...EMPTY, replicaSets: [owned, { metadata: { ...META, name: "alone" } }] }, []).map(
        (one) => one.name,
      ),
    ).toEqual(["alone"]);
  });

  test.each(["Job", "CronJob", "Pod", "Other"] as const)(
    "what owns pods and was not listed (%s) is described from them",
    (kind) => {
      const raw = [pod("a"), pod("b", { status: { phase: "Succeeded", conditions: [] } })];
      const services = [{ metadata: { name: "web" }, spec: { selector: { app: "web" } } }];
      const found = toWorkloads(
        { ...EMPTY, pods: raw, services },
        raw.map((one) => toPod(one, ref(kind))),
      );
      expect(found).toMatchObject([{ kind, name: "web", replicas: 1, readyReplicas: 1, services: ["shop/web"] }]);
    },
  );
});

describe("a pod", () => {
  test("counts restarts of containers and native sidecars, not of init containers that end", () => {
    const container = (name: string, restartCount: number) => ({
      name,
      restartCount,
      image: "",
      imageID: "",
      ready: true,
    });
    const raw = pod("a", {
      spec: { containers: [], initContainers: [{ name: "proxy", restartPolicy: "Always" }, { name: "setup" }] },
      status: {
        containerStatuses: [container("app", 2)],
        initContainerStatuses: [container("proxy", 1), container("setup", 7)],
      },
    });
    expect(toPod(raw, ref("Deployment")).restarts).toBe(3);
  });

  test.each([
    { name: "its annotation", metadata: { annotations: { "kubernetes.io/config.mirror": "x" } } },
    {
      name: "its owner, a node",
      metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "n", uid: "n", controller: true }] },
    },
  ])("is a mirror by $name", ({ metadata }) => expect(toPod(pod("a", { metadata }), ref("Pod")).mirror).toBe(true));
});

test.each([
  { apiVersion: "apps/v1", kind: "StatefulSet", is: "StatefulSet" },
  { apiVersion: "batch/v1", kind: "Job", is: "Job" },
  { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", is: "Rollout.argoproj.io" },
  { apiVersion: "apps.kruise.io/v1beta1", kind: "StatefulSet", is: "StatefulSet.apps.kruise.io" },
  { apiVersion: "batch.volcano.sh/v1alpha1", kind: "Job", is: "Job.batch.volcano.sh" },
  { apiVersion: "v1", kind: "ReplicationController", is: "ReplicationController" },
])("an owner $apiVersion $kind is $is", ({ apiVersion, kind, is }) => {
  expect(refOf({ apiVersion, kind, name: "x", uid: "x", controller: true }, "shop").kind).toBe(is);
});

describe("what a template says of how its pods are placed and ended", () => {
  test.each([
    { name: "nothing said", container: {}, is: { withoutRequests: ["app"], graceSeconds: 30, preStopSeconds: null } },
    {
      name: "both asked for",
      container: { resources: { requests: { cpu: "1", memory: "1Gi" } } },
      is: { withoutRequests: [] },
    },
    {
      name: "limits alone, which are requests",
      container: { resources: { limits: { cpu: "1", memory: "1Gi" } } },
      is: { withoutRequests: [] },
    },
    {
      name: "memory alone",
      container: { resources: { requests: { memory: "1Gi" } } },
      is: { withoutRequests: ["app"] },
    },
    {
      name: "preStop sleeps",
      container: { lifecycle: { preStop: { sleep: { seconds: 5 } } } },
      is: { preStopSeconds: 5 },
    },
    {
      name: "preStop in a shell",
      container: { lifecycle: { preStop: { exec: { command: ["/bin/sh", "-c", "sleep 15; nginx -s quit"] } } } },
      is: { preStopSeconds: 15 },
    },
    {
      name: "preStop does something else",
      container: { lifecycle: { preStop: { exec: { command: ["/bin/stop", "--sleepless", "7"] } } } },
      is: { preStopSeconds: null },
    },
  ])("$name", ({ container, is }) =>
    expect(designOf({ containers: [{ name: "app", ...container }, { name: "istio-proxy" }] })).toMatchObject(is),
  );

  test("without a template nothing is said", () => expect(designOf(undefined)).toBeNull());
});

describe("hosts that a probe asks", () => {
  test.each([
    { probe: { httpGet: { port: 80, host: "cart-db" } }, hosts: ["cart-db"] },
    { probe: { httpGet: { port: 80, path: "/" } }, hosts: [] },
    { probe: { httpGet: { port: 80, host: "127.0.0.1" } }, hosts: [] },
    { probe: { exec: { command: ["pg_isready", "-h", "cart-db.shop", "-U", "app"] } }, hosts: ["cart-db.shop"] },
    { probe: { exec: { command: ["sh", "-c", "curl -f http://cart-db:8080/x"] } }, hosts: ["cart-db"] },
    { probe: { exec: { command: ["redis-cli", "--host=localhost", "ping"] } }, hosts: [] },
    { probe: { exec: { command: ["psql", "postgres://app:secret@cart-db/app"] } }, hosts: ["cart-db"] },
    { probe: { exec: { command: ["cat", "/tmp/ready"] } }, hosts: [] },
  ])("$probe: $hosts, and nothing else of the command", ({ probe, hosts }) =>
    expect(hostsAsked(probe as V1Probe)).toEqual(hosts),
  );
});
