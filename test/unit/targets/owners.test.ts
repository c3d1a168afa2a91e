import { describe, expect, test } from "vitest";
import { unwanted } from "../../../src/core/experiment/natural.ts";
import { lostNodes } from "../../../src/core/experiment/node-loss.ts";
import { workloadKey } from "../../../src/core/model/cluster.ts";
import { T0 } from "../../integration/kubernetes/support/parts.ts";
import { shopPolicy, targetsOf, whatIfPrinted, whyNot } from "./asked.ts";
import { NODES, type Recorded, recorded, snapshotOf } from "./recorded.ts";

const cluster = (name: string, change: (one: Recorded) => Recorded = (one) => one) =>
  snapshotOf([...recorded(name).map(change), ...NODES]);
const named = (name: string, changes: object) => (one: Recorded) =>
  one.metadata.name === name ? ({ ...one, ...changes } as Recorded) : one;
const kill = shopPolicy({ kind: "pod-kill" });
const minutesAgo = (minutes: number) => new Date(T0 - minutes * 60_000).toISOString();
const bornAgo = (name: string, minutes: number) => (one: Recorded) =>
  one.metadata.name === name ? { ...one, metadata: { ...one.metadata, creationTimestamp: minutesAgo(minutes) } } : one;

describe("an Argo Rollout", () => {
  test("is named as one, with its replicas, its age, its autoscaler and its Services", async () => {
    const [web] = (await cluster("argo-rollout")).workloads;
    expect(web).toMatchObject({
      ...{ kind: "Rollout.argoproj.io", name: "web", uid: "r", replicas: 2, readyReplicas: 2, rollout: null },
      rolledOutAtMs: T0 - 3_600_000,
      autoscaler: { name: "web", desiredReplicas: 2 },
      services: ["shop/web-stable", "shop/web-canary"],
    });
    expect(whyNot(await cluster("argo-rollout"), "Rollout shop/web")).toBe("may be hit");
    expect(whatIfPrinted(await cluster("argo-rollout"))).toContain("Rollout shop/web: 1 of 2 pods at once");
  });
  test("rolls out while two ReplicaSets have replicas", async () => {
    const canary = named("web-5f8d7c9b6d", {
      spec: { replicas: 1 },
      status: { observedGeneration: 5, replicas: 1, readyReplicas: 1 },
    });
    expect(whyNot(await cluster("argo-rollout", canary), "Rollout shop/web")).toBe(
      "rollout in progress: 2 ReplicaSets have replicas",
    );
  });
  test("that was rolled out a moment ago waits", async () =>
    expect(whyNot(await cluster("argo-rollout", bornAgo("web-6c54544bf9", 2)), "Rollout shop/web")).toBe(
      "rolled out 2 min ago; the policy waits 10 min",
    ));
  test("misses a replica that its ReplicaSet asks for", async () => {
    const short = named("web-6c54544bf9", {
      spec: { replicas: 3 },
      status: { observedGeneration: 2, replicas: 3, readyReplicas: 2 },
    });
    expect(whyNot(await cluster("argo-rollout", short), "Rollout shop/web")).toBe("2 of 3 replicas are ready");
  });
  test("may lose a pod by a kill: its replacement has another name", async () =>
    expect(targetsOf(await cluster("argo-rollout"), "Rollout shop/web", kill).targets).toHaveLength(2));
  test("is out of a policy for Deployments, by its own kind", async () =>
    expect(
      whyNot(await cluster("argo-rollout"), "Rollout shop/web", [], shopPolicy(undefined, { kinds: ["Deployment"] })),
    ).toBe("kind Rollout is not in the policy's kinds"));
});

describe("OpenKruise", () => {
  test("its kinds never merge with Kubernetes' own of the same name", async () => {
    const { workloads, pods } = await cluster("kruise");
    expect(workloads.map(workloadKey).toSorted()).toEqual([
      "CloneSet.apps.kruise.io/shop/web",
      "Deployment/shop/web",
      "StatefulSet.apps.kruise.io/shop/db",
      "StatefulSet/shop/db",
    ]);
    expect(pods.map((pod) => pod.workload.kind)).toEqual([
      "CloneSet.apps.kruise.io",
      "CloneSet.apps.kruise.io",
      "StatefulSet.apps.kruise.io",
    ]);
  });
  test("a CloneSet has its own autoscaler, and a Deployment of its name has not", async () => {
    const snapshot = await cluster("kruise");
    expect(whyNot(snapshot, "CloneSet shop/web")).toContain("autoscaler web-clones is going from 2 to 4 replicas");
    expect(whyNot(snapshot, "Deployment shop/web")).not.toContain("autoscaler");
  });
  test("pods of two revisions are a rollout", async () => {
    const newer = (one: Recorded) =>
      one.metadata.name === "web-p9zfd"
        ? { ...one, metadata: { ...one.metadata, labels: { app: "web", "controller-revision-hash": "web-new" } } }
        : one;
    expect(whyNot(await cluster("kruise", newer), "CloneSet shop/web")).toContain(
      "rollout in progress: its pods are of 2 revisions",
    );
  });
  test("its StatefulSet is named with its group, and its pods are never killed", async () =>
    expect(targetsOf(await cluster("kruise"), "StatefulSet.apps.kruise.io shop/db", kill).refusals).toEqual([
      "pod-kill on a StatefulSet.apps.kruise.io can leave two pods with one identity",
    ]));
});

describe("a StrimziPodSet", () => {
  test("is named as one, with headless and single-pod Services", async () => {
    const snapshot = await cluster("strimzi");
    expect(snapshot.workloads[0]).toMatchObject({ kind: "StrimziPodSet.core.strimzi.io", replicas: 2 });
    expect(whyNot(snapshot, "StrimziPodSet shop/events-kafka")).toBe(
      "may be hit (Service shop/events-kafka-brokers is headless: its callers choose among the pods themselves)",
    );
    expect(snapshot.pods.map((pod) => pod.services?.length)).toEqual([3, 2]);
  });
  test("its pods are never killed, as a StatefulSet's", async () =>
    expect(targetsOf(await cluster("strimzi"), "StrimziPodSet shop/events-kafka", kill).refusals[0]).toBe(
      "pod-kill on a StrimziPodSet can leave two pods with one identity",
    ));
  test("that is rolled pod by pod waits: its youngest pod may be the newest change", async () =>
    expect(whyNot(await cluster("strimzi", bornAgo("events-kafka-1", 3)), "StrimziPodSet shop/events-kafka")).toContain(
      "rolled out 3 min ago; the policy waits 10 min",
    ));
});

describe("a CloudNativePG Cluster", () => {
  test("its pods are never killed", async () =>
    expect(targetsOf(await cluster("cnpg"), "Cluster shop/orders", kill).targets).toEqual([]));
});

describe("Knative", () => {
  test("the Deployment is told to belong to its Revision", async () =>
    expect(whyNot(await cluster("knative"), "Deployment shop/hello-00001-deployment")).toMatch(
      /^may be hit \(it belongs to Revision hello-00001; Service shop\/hello-00001 is without a selector/,
    ));
});

describe("owners whose pods end by themselves", () => {
  test.each(["Workflow shop/nightly", "Job.batch.volcano.sh shop/sim"])("%s is not hit", async (workload) =>
    expect(whyNot(await cluster("workflow"), workload)).toContain(
      "is not in the policy's kinds (its work would be done again)",
    ),
  );
});

describe("natural failures", () => {
  const lossOf = async (name: string, uid: string, what: "deleted" | "restarted" = "deleted") => {
    const snapshot = await cluster(name);
    const pod = snapshot.pods.find((one) => one.uid === uid)!;
    return unwanted({ what, pod }, { ...snapshot, pods: snapshot.pods.filter((one) => one !== pod) }, T0);
  };
  test.each([
    { name: "argo-rollout", uid: "uid-web-6c54544bf9-abcde", kind: "Rollout.argoproj.io" },
    { name: "kruise", uid: "uid-web-7mxkq", kind: "CloneSet.apps.kruise.io" },
    { name: "strimzi", uid: "uid-events-kafka-0", kind: "StrimziPodSet.core.strimzi.io" },
    { name: "cnpg", uid: "uid-orders-1", kind: "Cluster.postgresql.cnpg.io" },
  ])("a pod of $kind that goes is not dropped", async ({ name, uid, kind }) =>
    expect(await lossOf(name, uid)).toMatchObject({ kind }),
  );
  test("pods that run to completion are", async () =>
    expect(await lossOf("workflow", "uid-nightly-train-1234")).toBe("a Workflow ends by itself"));
  test("a node that dies under foreign pods is noticed", async () => {
    const { pods, nodes } = await cluster("cnpg");
    const signals = pods.map((pod) => ({ what: "unready" as const, pod, atMs: T0 }));
    const left = nodes.filter((one) => one.name !== "node-a");
    expect(lostNodes(signals, left).map((one) => one.node)).toEqual(["node-a"]);
  });
});
