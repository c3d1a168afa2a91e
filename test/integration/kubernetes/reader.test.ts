import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import type { KubernetesClient } from "../../../src/adapters/kubernetes/client/client.ts";
import { describeRequest } from "../../../src/adapters/kubernetes/client/request.ts";
import { kubernetesReader } from "../../../src/adapters/kubernetes/read/reader.ts";
import { manualClock, T0 } from "./support/parts.ts";
import { never, replay, type Served, serve } from "./support/serve.ts";

/**
 * Answers as the recorded cluster did; `instead` names another recorded answer for some resources
 * (`list nodes`).
 */
const cluster = (instead: Readonly<Record<string, string>> = {}): Promise<Served> =>
  serve((request: IncomingMessage, response: ServerResponse) => {
    const { verb, resource, namespace, name } = describeRequest(request.method ?? "", `http://server${request.url}`);
    const asked = `${verb} ${resource}${namespace === "elsewhere" ? " elsewhere" : ""}`;
    const answer = instead[asked];
    if (answer !== undefined) return replay(response, answer);
    if (name === "nobody" || namespace === "elsewhere") return replay(response, "get-pod-404");
    const recording =
      verb === "create" ? "selfsubjectaccessreview" : `${verb}-${resource.replace(/s$/, verb === "get" ? "" : "s")}`;
    return replay(response, recording);
  });

const snapshot = async (instead: Readonly<Record<string, string>> = {}, namespaces = ["go-app"]) => {
  await using served = await cluster(instead);
  return await kubernetesReader(served.client, manualClock()).snapshot(namespaces, never);
};

describe("a snapshot of a recorded cluster", () => {
  test("has the workloads with replicas, services and probes", async () => {
    const { workloads, takenAtMs } = await snapshot();
    expect(takenAtMs).toBe(T0);
    const rows = workloads.map(({ kind, name, replicas, rollout, services, probes }) => ({
      ...{ kind, name, replicas, rollout, services },
      probes: probes.map((probe) => `${probe.kind} ${probe.handler} ${probe.path} every ${probe.periodSeconds} s`),
    }));
    const http = ["readiness httpGet /healthz every 2 s"];
    expect(rows).toEqual([
      { kind: "Deployment", name: "go-app", replicas: 2, rollout: null, services: ["go-app/go-app"], probes: http },
      {
        kind: "Deployment",
        name: "go-app-db",
        replicas: 1,
        rollout: null,
        services: ["go-app/go-app-db"],
        probes: ["readiness tcpSocket null every 2 s"],
      },
      { kind: "Deployment", name: "load", replicas: 1, rollout: null, services: [], probes: [] },
      { kind: "Deployment", name: "repeater", replicas: 2, rollout: null, services: ["go-app/repeater"], probes: http },
    ]);
  });

  test("knows when the templates changed, and the budget that protects a workload", async () => {
    const { workloads } = await snapshot();
    expect(workloads.every((one) => one.rolledOutAtMs !== null)).toBe(true);
    expect(workloads.flatMap((one) => one.budgets.map((budget) => [one.name, budget]))).toEqual([
      ["repeater", { name: "repeater", disruptionsAllowed: 0, observed: true }],
    ]);
  });

  test("attributes every pod to the Deployment above its ReplicaSet", async () => {
    const { pods } = await snapshot();
    expect(pods).toHaveLength(6);
    expect([...new Set(pods.map((pod) => pod.workload.kind))]).toEqual(["Deployment"]);
    expect(pods[0]).toMatchObject({ phase: "Running", ready: true, terminating: false, mirror: false, restarts: 0 });
    expect(pods.every((pod) => (pod.lastStartedAtMs ?? 0) > pod.createdAtMs - 1 && (pod.readySinceMs ?? 0) > 0)).toBe(
      true,
    );
  });

  test("has the nodes with their zones", async () => {
    const { nodes } = await snapshot();
    expect(
      nodes.map(({ name, zone, ready, schedulable, pressure }) => [name, zone, ready, schedulable, pressure]),
    ).toEqual([
      ["node-a", "a", true, true, []],
      ["node-b", "b", true, true, []],
      ["node-c", "c", true, true, []],
    ]);
  });

  test("costs eleven requests or fewer for one namespace", async () => {
    await using served = await cluster();
    await kubernetesReader(served.client, manualClock()).snapshot(["go-app"], never);
    expect(served.client.calls().reduce((sum, one) => sum + one.count, 0)).toBeLessThanOrEqual(11);
  });
});

describe("rights in namespaces alone", () => {
  test("are enough: nodes are empty", async () => {
    const { nodes, workloads } = await snapshot({ "list nodes": "list-pods-403" });
    expect([nodes.length, workloads.length]).toEqual([0, 4]);
  });

  test("leave out a caller's namespace that may not be read", async () => {
    const { namespaces } = await snapshot({ "get namespaces elsewhere": "list-pods-403" }, ["go-app", "elsewhere"]);
    expect(namespaces.map((one) => one.name)).toEqual(["go-app"]);
  });

  test("that are missing altogether are said to be", async () => {
    await expect(snapshot({ "get namespaces": "list-pods-403" })).rejects.toMatchObject({ code: "cluster-forbidden" });
  });

  test.each(["pods", "poddisruptionbudgets", "horizontalpodautoscalers", "services", "replicasets"])(
    "that lack %s are refused: what is not known is not taken for empty",
    async (resource) => {
      await expect(snapshot({ [`list ${resource}`]: "list-pods-403" })).rejects.toMatchObject({
        code: "cluster-forbidden",
      });
    },
  );
});

test("a namespace that does not exist is absent", async () => {
  expect(await snapshot({}, ["elsewhere"])).toMatchObject({ namespaces: [], workloads: [], pods: [] });
});

describe("one pod", () => {
  test("comes with its workload, which is asked for once", async () => {
    await using served = await cluster();
    const reader = kubernetesReader(served.client, manualClock());
    const ref = { namespace: "go-app", name: "repeater-x" };
    expect(await reader.pod(ref, never)).toMatchObject({ workload: { kind: "Deployment", name: "repeater" } });
    await reader.pod(ref, never);
    expect(served.client.calls().find((one) => one.resource === "replicasets")?.count).toBe(1);
  });

  test("that is gone is null", async () => {
    await using served = await cluster();
    expect(
      await kubernetesReader(served.client, manualClock()).pod({ namespace: "go-app", name: "nobody" }, never),
    ).toBeNull();
  });

  test("on its way out is terminating", async () => {
    await using served = await cluster({ "get pods": "get-pod-terminating" });
    const pod = await kubernetesReader(served.client, manualClock()).pod({ namespace: "go-app", name: "x" }, never);
    expect(pod).toMatchObject({ terminating: true });
  });
});

test("the pods of one workload are those whose owner it is", async () => {
  await using served = await cluster();
  const reader = kubernetesReader(served.client, manualClock());
  await reader.snapshot(["go-app"], never);
  const pods = await reader.podsOf({ kind: "Deployment", namespace: "go-app", name: "go-app-db" }, never);
  expect(pods.map((pod) => pod.labels.app)).toEqual(["go-app-db"]);
});

test("what we may do is answered in the order of the questions", async () => {
  await using served = await cluster();
  const question = { verb: "delete", group: "", resource: "pods", namespace: "go-app" };
  expect(await kubernetesReader(served.client, manualClock()).mayI([question], never)).toEqual([true]);
});

test("nothing of kubectl's copy of a manifest, with its environment variables, gets in", async () => {
  expect(JSON.stringify(await snapshot())).not.toContain("last-applied-configuration");
});

test("hundreds of namespaces and questions leave room in the queue for an undo", async () => {
  await using served = await cluster();
  let waiting = 0;
  let most = 0;
  const counting: KubernetesClient = {
    ...served.client,
    async request<T extends object>(...asked: Parameters<KubernetesClient["request"]>) {
      most = Math.max(most, ++waiting);
      return served.client.request<T>(...asked).finally(() => waiting--);
    },
  };
  const reader = kubernetesReader(counting, manualClock());
  await reader.snapshot(
    Array.from({ length: 60 }, (_, i) => `team-${i}`),
    never,
  );
  const question = { verb: "delete", group: "", resource: "pods", namespace: "go-app" };
  await reader.mayI(Array(300).fill(question), never);
  expect(most).toBeLessThan(100);
});
