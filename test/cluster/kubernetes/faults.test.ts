import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type KubernetesClient } from "../../../src/adapters/kubernetes/client/client.ts";
import { objectPath } from "../../../src/adapters/kubernetes/client/paths.ts";
import { kubernetesInjector } from "../../../src/adapters/kubernetes/faults/injector.ts";
import { kubernetesReader } from "../../../src/adapters/kubernetes/read/reader.ts";
import type { ClusterReader } from "../../../src/ports/cluster.ts";
import type { FaultInjector } from "../../../src/ports/faults.ts";
import {
  clock,
  deadline,
  eventually,
  log,
  NAMESPACE,
  orderFor,
  REPEATER,
  readyRepeaters,
  scenery,
} from "./support/lab.ts";

let client: KubernetesClient;
let reader: ClusterReader;
let injector: FaultInjector;
beforeAll(() => {
  client = connect();
  reader = kubernetesReader(client, clock);
  injector = kubernetesInjector(client, clock, log, { namespaces: async () => [NAMESPACE] });
});
afterAll(() => client.close());

describe.each(["pod-delete", "pod-evict", "pod-kill"] as const)("%s on a real cluster", (kind) => {
  test("takes exactly the pod that was chosen, and Kubernetes replaces it", async () => {
    const [pod, other] = await readyRepeaters(client);
    expect(await injector.wasDone(orderFor({ kind }, [pod]), deadline())).toBe("not-done");
    expect(await injector.inject(orderFor({ kind }, [pod]), deadline())).toEqual({ kind: "injected" });
    expect(await injector.wasDone(orderFor({ kind }, [pod]), deadline())).toBe("done");
    const uids = (await readyRepeaters(client)).map((one) => one.uid);
    expect(uids).toContain(other.uid);
    expect(uids).not.toContain(pod.uid);
  });

  test("does nothing the second time", async () => {
    const [pod] = await readyRepeaters(client);
    await injector.inject(orderFor({ kind }, [pod]), deadline());
    const after = await readyRepeaters(client);
    expect(await injector.inject(orderFor({ kind }, [pod]), deadline())).toMatchObject({ kind: "not-injected" });
    expect(await readyRepeaters(client)).toMatchObject(after.map(({ uid }) => ({ uid })));
  });

  test("spares a pod of that name with another uid", async () => {
    const [pod] = await readyRepeaters(client);
    const result = await injector.inject(
      orderFor({ kind }, [{ ...pod, uid: "00000000-0000-0000-0000-000000000000" }]),
      deadline(),
    );
    expect(result).toMatchObject({
      kind: "not-injected",
      why: expect.stringContaining("replaced by another of the same name"),
    });
    expect(await reader.pod(pod, deadline())).toMatchObject({ uid: pod.uid, terminating: false });
  });
});

test("an eviction that a budget forbids is not injected, with the budget's name", async () => {
  await using stage = scenery();
  await stage.make({
    ...{ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "keep-both", namespace: NAMESPACE } },
    ...{ spec: { minAvailable: 2, selector: { matchLabels: { app: "repeater" } } } },
  });
  const [pod] = await readyRepeaters(client);
  await eventually(async () => {
    const { workloads } = await reader.snapshot([NAMESPACE], deadline());
    return workloads.some((one) => one.budgets.some((budget) => budget.observed));
  });
  const result = await injector.inject(orderFor({ kind: "pod-evict" }, [pod]), deadline());
  expect(result).toMatchObject({ kind: "not-injected", why: expect.stringContaining("keep-both") });
  expect(await reader.pod(pod, deadline())).toMatchObject({ terminating: false });
});

test("a pod held by a finalizer is terminating, and counts as taken", async () => {
  const [pod] = await readyRepeaters(client);
  const path = objectPath("pods", pod.namespace, pod.name);
  const hold = (finalizers: string[] | null) =>
    client.request({ method: "PATCH", path, body: { metadata: { finalizers } } }, deadline());
  await hold(["aftershock.dev/test"]);
  // the finalizer changed the pod, and what changed since it was looked at is left alone
  const held = (await readyRepeaters(client)).find((one) => one.uid === pod.uid)!;
  await injector.inject(orderFor({ kind: "pod-delete" }, [held]), deadline());
  expect(await injector.wasDone(orderFor({ kind: "pod-delete" }, [pod]), deadline())).toBe("done");
  expect(await reader.pod(pod, deadline())).toMatchObject({ terminating: true });
  await hold(null);
});

test("a drained node takes no new pod until it is undone", async () => {
  const [pod] = await readyRepeaters(client);
  const order = orderFor({ kind: "node-drain", durationMs: 60_000 }, [pod], { node: pod.node });
  expect(await injector.inject(order, deadline())).toEqual({ kind: "injected" });
  const schedulable = async () =>
    (await reader.snapshot([], deadline())).nodes.find((one) => one.name === pod.node)?.schedulable;
  expect(await schedulable()).toBe(false);
  expect((await readyRepeaters(client)).every((one) => one.node !== pod.node || one.uid !== pod.uid)).toBe(true);
  await injector.undo(order, deadline());
  expect(await schedulable()).toBe(true);
});

test("a rollout is seen while it runs, and its time afterwards", async () => {
  const startedMs = Date.now();
  const annotations = { "aftershock.dev/test": String(startedMs) };
  const body = { spec: { template: { metadata: { annotations } } } };
  await client.request({ method: "PATCH", path: objectPath("deployments", NAMESPACE, "repeater"), body }, deadline());
  const repeater = async () =>
    (await reader.snapshot([NAMESPACE], deadline())).workloads.find((one) => one.name === "repeater")!;
  expect((await repeater()).rollout).not.toBeNull();
  await eventually(async () => (await repeater()).rollout === null);
  expect((await repeater()).rolledOutAtMs).toBeGreaterThanOrEqual(startedMs - 1_000);
  await readyRepeaters(client);
});

test("what expired is swept by any other process", async () => {
  const order = orderFor({ kind: "http-abort", durationMs: 1, httpStatus: 503, percent: 1 }, [], {
    services: [`${NAMESPACE}/repeater`],
    workload: REPEATER,
  });
  await injector.inject(order, deadline());
  await using another = connect();
  const sweeper = kubernetesInjector(another, clock, log, { namespaces: async () => [NAMESPACE] });
  expect(await sweeper.sweep(Date.now(), () => true, deadline())).toEqual([]);
  expect(await sweeper.sweep(order.expiresMs, () => true, deadline())).toHaveLength(1);
  expect(await injector.wasDone(order, deadline())).toBe("not-done");
});
