import { describe, expect, test } from "vitest";
import { isRecord } from "../../../src/adapters/kubernetes/client/status.ts";
import { kubernetesInjector } from "../../../src/adapters/kubernetes/faults/injector.ts";
import { INJECTION_TIMEOUT_MS } from "../../../src/app/inject/inject.ts";
import type { Fault } from "../../../src/core/model/fault.ts";
import { manualClock, orderOf, POD, POD_PATH, podObject, quietLog, T0 } from "./support/parts.ts";
import { never, serve } from "./support/serve.ts";
import { type TinyApi, tinyApi } from "./support/tiny-api.ts";

const injector = (api: TinyApi) =>
  kubernetesInjector(api.client, manualClock(), quietLog, { namespaces: async () => ["go-app"] });
const NODE = "/api/v1/nodes/node-b";
const podFaults: Fault["kind"][] = ["pod-delete", "pod-evict", "pod-kill"];
const podFault = (kind: Fault["kind"]) => orderOf({ kind } as Fault);

describe.each(podFaults)("%s", (kind) => {
  test("takes the pod with this uid", async () => {
    await using api = await tinyApi();
    api.put(POD_PATH, podObject());
    expect(await injector(api).inject(podFault(kind), never)).toEqual({ kind: "injected" });
    expect(await injector(api).wasDone(podFault(kind), never)).toBe("done");
  });

  test("leaves a pod alone that was re-created with the same name", async () => {
    await using api = await tinyApi();
    api.put(POD_PATH, podObject({ uid: "another" }));
    const result = await injector(api).inject(podFault(kind), never);
    expect(result).toEqual({
      kind: "not-injected",
      why: "pod go-app/repeater-0 changed since it was looked at, or was replaced by another of the same name",
    });
    expect(api.get(POD_PATH)?.metadata.deletionTimestamp).toBeUndefined();
  });

  test("leaves a pod alone that changed since it was looked at", async () => {
    await using api = await tinyApi();
    api.put(POD_PATH, podObject());
    const seen = api.get(POD_PATH)?.metadata.resourceVersion ?? "";
    const order = podFault(kind);
    const fenced = { ...order, target: { ...order.target, pods: [{ ...POD, resourceVersion: seen }] } };
    api.put(POD_PATH, podObject({ labels: { changed: "yes" } }));
    expect(await injector(api).inject(fenced, never)).toMatchObject({ kind: "not-injected" });
    expect(api.get(POD_PATH)?.metadata.deletionTimestamp).toBeUndefined();
  });

  test("of a pod that is terminating by now cannot be told: the answer may be that to a copy of the request", async () => {
    await using api = await tinyApi();
    api.put(POD_PATH, podObject());
    const seen = api.get(POD_PATH)?.metadata.resourceVersion ?? "";
    const order = podFault(kind);
    const fenced = { ...order, target: { ...order.target, pods: [{ ...POD, resourceVersion: seen }] } };
    api.put(POD_PATH, podObject({ deletionTimestamp: "2026-03-06T09:15:30Z" }));
    await expect(injector(api).inject(fenced, never)).rejects.toMatchObject({ code: "cluster-conflict" });
    expect(await injector(api).wasDone(fenced, never)).toBe("done");
  });

  test("whose order went stale before the request could be sent is not injected", async () => {
    await using api = await tinyApi();
    api.put(POD_PATH, podObject());
    const result = await injector(api).inject({ ...podFault(kind), whyNot: () => "halted by ada: fire" }, never);
    expect(result).toMatchObject({ kind: "not-injected", why: expect.stringContaining("halted by ada: fire") });
    expect(api.get(POD_PATH)?.metadata.deletionTimestamp).toBeUndefined();
  });

  test("of a pod that vanished is not injected, and says so", async () => {
    await using api = await tinyApi();
    const result = await injector(api).inject(podFault(kind), never);
    expect(result).toEqual({ kind: "not-injected", why: "pod go-app/repeater-0 is already gone" });
  });

  test("rejects when it cannot tell: the server took the request and said nothing", async () => {
    await using served = await serve((request) => void request.socket.destroy());
    const injector = kubernetesInjector(served.client, manualClock(), quietLog);
    await expect(injector.inject(podFault(kind), never)).rejects.toMatchObject({ code: "cluster-unavailable" });
  });

  test("that never reached a server is not injected", async () => {
    const served = await serve(() => undefined);
    await served[Symbol.asyncDispose]();
    const result = await kubernetesInjector(served.client, manualClock(), quietLog).inject(podFault(kind), never);
    expect(result).toMatchObject({ kind: "not-injected", why: expect.stringContaining("cannot reach") });
    await served.client.close();
  });

  test("is not done while the pod is there untouched", async () => {
    await using api = await tinyApi();
    api.put(POD_PATH, podObject());
    expect(await injector(api).wasDone(podFault(kind), never)).toBe("not-done");
  });

  test("cannot be told when the server does not say", async () => {
    await using api = await tinyApi();
    api.intercept(() => "list-pods-403");
    expect(await injector(api).wasDone(podFault(kind), never)).toBe("cannot-tell");
  });

  test("without the right is not injected, and says which", async () => {
    await using api = await tinyApi();
    api.intercept(() => "delete-pod-403");
    const result = await injector(api).inject(podFault(kind), never);
    expect(result).toMatchObject({ kind: "not-injected", why: expect.stringContaining("aftershock rbac") });
  });
});

test("an eviction that a budget refuses is not injected, with the budget's words", async () => {
  await using api = await tinyApi();
  api.put(POD_PATH, podObject());
  api.intercept(({ subresource }) => (subresource === "eviction" ? "evict-pod-429-budget" : undefined));
  expect(await injector(api).inject(podFault("pod-evict"), never)).toMatchObject({
    kind: "not-injected",
    why: expect.stringContaining("budget repeater needs 2 healthy pods and has 2 currently"),
  });
});

test("pod-kill does not touch a StatefulSet", async () => {
  await using api = await tinyApi();
  api.put(POD_PATH, podObject());
  const workload = { kind: "StatefulSet", namespace: "go-app", name: "db" } as const;
  const result = await injector(api).inject(orderOf({ kind: "pod-kill" }, { workload }), never);
  expect(result).toMatchObject({ kind: "not-injected", why: expect.stringContaining("two pods of one identity") });
  expect(api.client.calls()).toEqual([]);
});

test.each([{ pods: [] }, { pods: [POD, { ...POD, name: "repeater-1" }] }])(
  "a pod fault for $pods.length pods is a mistake of the planner",
  async ({ pods }) => {
    await using api = await tinyApi();
    await expect(injector(api).inject(orderOf({ kind: "pod-delete" }, { pods }), never)).rejects.toMatchObject({
      code: "usage",
    });
  },
);

describe("node-drain", () => {
  const drain = orderOf({ kind: "node-drain", durationMs: 60_000 });
  const node = (spec: object = {}) => ({
    metadata: { name: "node-b", labels: { "topology.kubernetes.io/zone": "b" } },
    spec,
  });

  test("cordons, evicts, and undo makes the node schedulable again", async () => {
    await using api = await tinyApi();
    api.put(NODE, node());
    api.put(POD_PATH, podObject());
    expect(await injector(api).inject(drain, never)).toEqual({ kind: "injected" });
    expect(api.get(NODE)).toMatchObject({
      spec: { unschedulable: true },
      metadata: { annotations: { "aftershock.dev/experiment": drain.experimentId } },
    });
    await injector(api).undo(drain, never);
    expect(api.get(NODE)).toMatchObject({ spec: {}, metadata: { annotations: {} } });
  });

  test("does not touch a node that somebody else cordoned, now or at undo", async () => {
    await using api = await tinyApi();
    api.put(NODE, node({ unschedulable: true }));
    expect(await injector(api).inject(drain, never)).toMatchObject({
      kind: "not-injected",
      why: expect.stringContaining("somebody else"),
    });
    await injector(api).undo(drain, never);
    expect(api.get(NODE)).toMatchObject({ spec: { unschedulable: true } });
  });

  test("waits for a budget, and opens the node again when nothing may be evicted, before the call is given up", async () => {
    await using api = await tinyApi();
    const clock = manualClock();
    api.put(NODE, node());
    api.put(POD_PATH, podObject());
    api.intercept(({ subresource }) => (subresource === "eviction" ? "evict-pod-429-budget" : undefined));
    expect(await kubernetesInjector(api.client, clock, quietLog).inject(drain, never)).toMatchObject({
      kind: "not-injected",
      why: expect.stringContaining("budget repeater"),
    });
    expect(api.client.calls().find((one) => one.resource === "pods/eviction")?.count).toBeGreaterThan(4);
    expect(api.get(NODE)?.spec).toEqual({});
    expect(clock.nowMs() - T0).toBeLessThan(INJECTION_TIMEOUT_MS);
  });

  test("goes as far as it comes before the call is given up, when each eviction takes seconds", async () => {
    await using api = await tinyApi();
    const clock = manualClock();
    api.put(NODE, node());
    const pods = Array.from({ length: 9 }, (_, i) => ({ ...POD, name: `repeater-${i}` }));
    for (const { name } of pods) api.put(`/api/v1/namespaces/go-app/pods/${name}`, podObject({ name }));
    api.intercept(({ subresource }) => {
      if (subresource === "eviction") clock.forward(4_000);
      return undefined;
    });
    const order = { ...drain, target: { ...drain.target, pods } };
    expect(await kubernetesInjector(api.client, clock, quietLog).inject(order, never)).toEqual({ kind: "injected" });
    expect(clock.nowMs() - T0).toBeLessThan(INJECTION_TIMEOUT_MS);
  });

  test("survives that the kubelet writes on the node at the same time", async () => {
    await using api = await tinyApi();
    api.put(NODE, node());
    api.put(POD_PATH, podObject());
    let beats = 0;
    api.intercept(({ verb, resource }) => {
      if (verb === "patch" && resource === "nodes" && beats++ < 2) api.put(NODE, { ...api.get(NODE), beats });
      return undefined;
    });
    expect(await injector(api).inject(drain, never)).toEqual({ kind: "injected" });
  });

  test("that was cut off between cordon and eviction counts as done, so that it is undone", async () => {
    await using api = await tinyApi();
    api.put(NODE, node());
    api.put(POD_PATH, podObject());
    const cut = new AbortController();
    api.intercept(({ subresource }) => {
      if (subresource === "eviction") cut.abort(new Error("killed"));
      return undefined;
    });
    await expect(injector(api).inject(drain, cut.signal)).rejects.toThrow("killed");
    api.intercept(null);
    expect(await injector(api).wasDone(drain, never)).toBe("done");
  });

  test("without the right leaves nothing behind", async () => {
    await using api = await tinyApi();
    api.put(NODE, node());
    api.intercept(({ verb }) => (verb === "patch" ? "delete-pod-403" : undefined));
    expect(await injector(api).inject(drain, never)).toMatchObject({
      kind: "not-injected",
      why: expect.stringContaining("aftershock rbac"),
    });
  });
});

const isClosed = (spec: unknown): boolean => isRecord(spec) && spec.unschedulable === true;

test("zone-outage cordons the zone's nodes only, and opens them again", async () => {
  await using api = await tinyApi();
  for (const [name, zone] of [
    ["node-a", "a"],
    ["node-b", "b"],
    ["node-b2", "b"],
  ] as const) {
    api.put(`/api/v1/nodes/${name}`, { metadata: { name, labels: { "topology.kubernetes.io/zone": zone } }, spec: {} });
  }
  api.put(POD_PATH, podObject());
  const outage = orderOf({ kind: "zone-outage", durationMs: 60_000 });
  const closed = () =>
    ["node-a", "node-b", "node-b2"].filter((name) => isClosed(api.get(`/api/v1/nodes/${name}`)?.spec));
  expect(await injector(api).inject(outage, never)).toEqual({ kind: "injected" });
  expect(closed()).toEqual(["node-b", "node-b2"]);
  await injector(api).undo(outage, never);
  expect(closed()).toEqual([]);
});

describe("a sweep", () => {
  const drain = orderOf({ kind: "node-drain", durationMs: 60_000 });
  const standing = async () => {
    const api = await tinyApi();
    api.put(NODE, { metadata: { name: "node-b" }, spec: {} });
    api.put(POD_PATH, podObject());
    await injector(api).inject(drain, never);
    return api;
  };

  test("leaves alone what is alive and not expired", async () => {
    await using api = await standing();
    expect(await injector(api).sweep(T0, () => true, never)).toEqual([]);
  });

  test.each([
    { name: "expired", nowMs: drain.expiresMs, alive: true, why: "it expired at 2026-03-06T09:25:00.000Z" },
    { name: "without an experiment", nowMs: T0, alive: false, why: "experiment go-app-pods-20260306T091500Z is over" },
  ])("undoes what is $name, and says why", async ({ nowMs, alive, why }) => {
    await using api = await standing();
    expect(await injector(api).sweep(nowMs, () => alive, never)).toEqual([`cordon of node node-b undone: ${why}`]);
    expect(api.get(NODE)?.spec).toEqual({});
  });

  test("takes an expiry that somebody broke for passed", async () => {
    await using api = await standing();
    const now = api.get(NODE)!;
    api.put(NODE, {
      ...now,
      metadata: {
        ...now.metadata,
        annotations: { "aftershock.dev/experiment": "x", "aftershock.dev/expires-at": "soon" },
      },
    });
    expect(await injector(api).sweep(T0, () => true, never)).toHaveLength(1);
  });

  describe("of another installation", () => {
    const MINE = "aftershock/aftershock-00000001";
    const OTHER = "chaos/aftershock-00000002";
    const MINUTE_MS = 60_000;
    const of = (api: TinyApi, installation?: string) =>
      kubernetesInjector(api.client, manualClock(), quietLog, {
        namespaces: async () => ["go-app"],
        ...(installation === undefined ? {} : { installation }),
      });
    const cordoned = async (installation?: string) => {
      const api = await tinyApi();
      api.put(NODE, { metadata: { name: "node-b" }, spec: {} });
      api.put(POD_PATH, podObject());
      await of(api, installation).inject(drain, never);
      return api;
    };
    const abort = orderOf({ kind: "http-abort", durationMs: 60_000, httpStatus: 503, percent: 50 });

    test("leaves alone what stands, although only the other journal knows its experiment", async () => {
      await using api = await cordoned(OTHER);
      await of(api, OTHER).inject(abort, never);
      expect(await of(api, MINE).sweep(drain.expiresMs + MINUTE_MS, () => false, never)).toEqual([]);
      expect(api.get(NODE)?.spec).toEqual({ unschedulable: true });
    });

    test("takes back what it left behind, and says whose it was", async () => {
      await using api = await cordoned(OTHER);
      await of(api, OTHER).inject(abort, never);
      const undone = await of(api, MINE).sweep(drain.expiresMs + 10 * MINUTE_MS, () => true, never);
      const why = `experiment ${drain.experimentId} of installation ${OTHER} left it behind: it expired at 2026-03-06T09:25:00.000Z`;
      expect(undone).toEqual([
        `cordon of node node-b undone: ${why}`,
        `fault in VirtualService go-app/aftershock-repeater undone: ${why}`,
      ]);
      expect(api.get(NODE)?.metadata.annotations).toEqual({});
    });

    test("takes back at once what is its own, or was made by a version without names", async () => {
      for (const maker of [MINE, undefined]) {
        await using api = await cordoned(maker);
        expect(await of(api, MINE).sweep(T0, () => false, never)).toHaveLength(1);
      }
    });

    test("says once that there is another one", async () => {
      await using api = await cordoned(OTHER);
      const told: unknown[] = [];
      const log = { ...quietLog, warn: (message: string, fields: unknown) => void told.push([message, fields]) };
      const mine = kubernetesInjector(api.client, manualClock(), log, { installation: MINE });
      await mine.sweep(T0, () => false, never);
      await mine.sweep(T0, () => false, never);
      const fields = { installation: OTHER, what: "cordon of node node-b" };
      expect(told).toEqual([["another installation does faults in this cluster", fields]]);
    });

    test.each([drain, abort])(
      "does not take its $fault.kind for its own when both have an experiment of one name",
      async (order) => {
        await using api = await tinyApi();
        api.put(NODE, { metadata: { name: "node-b" }, spec: {} });
        api.put(POD_PATH, podObject());
        expect(await of(api, OTHER).inject(order, never)).toEqual({ kind: "injected" });
        const why = expect.stringContaining(`experiment ${order.experimentId} of installation ${OTHER}`);
        expect(await of(api, MINE).inject(order, never)).toEqual({ kind: "not-injected", why });
        await of(api, MINE).undo(order, never);
        expect(await of(api, OTHER).wasDone(order, never)).toBe("done");
        await of(api, OTHER).undo(order, never);
        expect(api.get(NODE)?.spec).toEqual({});
        expect(await of(api, MINE).sweep(Number.MAX_SAFE_INTEGER, () => false, never)).toEqual([]);
      },
    );
  });

  test("that may not look at one kind still sweeps the others", async () => {
    await using api = await standing();
    api.intercept(({ resource }) => (resource === "virtualservices" ? "list-pods-403" : undefined));
    expect(await injector(api).sweep(drain.expiresMs, () => true, never)).toHaveLength(1);
  });

  test("looks only for the kinds that the configuration has", async () => {
    await using api = await tinyApi();
    const pods = kubernetesInjector(api.client, manualClock(), quietLog, {
      kinds: () => ["pod-delete"],
      namespaces: async () => ["go-app"],
    });
    expect(await pods.sweep(T0, () => true, never)).toEqual([]);
    expect(api.client.calls()).toEqual([]);
  });
});
