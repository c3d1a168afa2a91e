import { describe, expect, test } from "vitest";
import { kubernetesInjector } from "../../../src/adapters/kubernetes/faults/injector.ts";
import type { Fault } from "../../../src/core/model/fault.ts";
import { manualClock, orderOf, POD, POD_PATH, podObject, quietLog } from "./support/parts.ts";
import { never } from "./support/serve.ts";
import { type Refused, type TinyApi, tinyApi } from "./support/tiny-api.ts";

const NODE = "/api/v1/nodes/node-b";
const injector = (api: TinyApi) =>
  kubernetesInjector(api.client, manualClock(), quietLog, { namespaces: async () => ["go-app"] });
const deny = (code: number, message: string): Refused => ({ code, message });
const words = 'admission webhook "keep.shop.example" denied the request: not on Fridays';

/** Refusals as webhooks and policies word them, each at a status that one of them uses. */
const REFUSALS = [
  {
    name: "Gatekeeper, 403",
    refused: deny(403, 'admission webhook "validation.gatekeeper.sh" denied the request: [keep] not on Fridays'),
    says: "not on Fridays",
  },
  {
    name: "Kyverno, 400",
    refused: deny(
      400,
      'admission webhook "validate.kyverno.svc-fail" denied the request: resource Pod/go-app/x was blocked',
    ),
    says: "was blocked",
  },
  { name: "a webhook that answers 409", refused: deny(409, words), says: "not on Fridays" },
  { name: "a webhook that answers 429", refused: deny(429, words), says: "not on Fridays" },
  { name: "a webhook that answers 500", refused: deny(500, words), says: "not on Fridays" },
  { name: "a webhook that answers 404", refused: deny(404, words), says: "not on Fridays" },
  {
    name: "a ValidatingAdmissionPolicy, 422",
    refused: deny(
      422,
      "pods \"x\" is forbidden: ValidatingAdmissionPolicy 'keep' with binding 'keep' denied request: not on Fridays",
    ),
    says: "not on Fridays",
  },
  {
    name: "a webhook that cannot be called, 500",
    refused: deny(
      500,
      'Internal error occurred: failed calling webhook "keep.shop.example": context deadline exceeded',
    ),
    says: "failed calling webhook",
  },
  {
    name: "the eviction API about two budgets, 500",
    refused: deny(
      500,
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    ),
    says: "more than one PodDisruptionBudget",
  },
  {
    name: "any other 4xx in a Status, 400",
    refused: deny(400, "the server cannot process this"),
    says: "the server cannot process this",
  },
  {
    name: "an object that is not valid, 422",
    refused: deny(422, "Pod is invalid: spec: Forbidden"),
    says: "spec: Forbidden",
  },
  {
    name: "a method that is not allowed, 405",
    refused: deny(405, "the server does not allow this method"),
    says: "does not allow this method",
  },
] as const;

describe.each(REFUSALS)("$name", ({ refused, says }) => {
  test.each(["pod-delete", "pod-evict", "pod-kill"] as const)(
    "is a certain no to %s, in its own words",
    async (kind) => {
      await using api = await tinyApi();
      api.put(POD_PATH, podObject());
      api.intercept(({ verb, subresource }) => (verb === "delete" || subresource === "eviction" ? refused : undefined));
      const result = await injector(api).inject(orderOf({ kind } as Fault), never);
      expect(result).toMatchObject({ kind: "not-injected", why: expect.stringContaining(says) });
      expect(JSON.stringify(result)).not.toMatch(/aftershock rbac|throttles us|already gone|already replaced/);
    },
  );

  test("to every eviction of a drain opens the node again at once", async () => {
    await using api = await tinyApi();
    api.put(NODE, { metadata: { name: "node-b" }, spec: {} });
    api.put(POD_PATH, podObject());
    api.intercept(({ subresource }) => (subresource === "eviction" ? refused : undefined));
    const drain = orderOf({ kind: "node-drain", durationMs: 60_000 });
    expect(await injector(api).inject(drain, never)).toMatchObject({
      kind: "not-injected",
      why: expect.stringContaining(says),
    });
    expect(api.get(NODE)?.spec).toEqual({});
    expect(await injector(api).wasDone(drain, never)).toBe("not-done");
  });

  test("to the cordon itself is a certain no", async () => {
    await using api = await tinyApi();
    api.put(NODE, { metadata: { name: "node-b" }, spec: {} });
    api.put(POD_PATH, podObject());
    api.intercept(({ verb, resource }) => (verb === "patch" && resource === "nodes" ? refused : undefined));
    const result = await injector(api).inject(orderOf({ kind: "node-drain", durationMs: 60_000 }), never);
    if (refused.code === 404) expect(result.kind).toBe("not-injected");
    else expect(result).toMatchObject({ kind: "not-injected", why: expect.stringContaining(says) });
  });

  test("to a VirtualService is a certain no", async () => {
    await using api = await tinyApi();
    api.intercept(({ verb, resource }) => (verb === "create" && resource === "virtualservices" ? refused : undefined));
    const fault = { kind: "http-abort", durationMs: 60_000, httpStatus: 503, percent: 50 } as const;
    expect(await injector(api).inject(orderOf(fault), never)).toMatchObject({
      kind: "not-injected",
      why: expect.stringContaining(says),
    });
  });
});

describe("a drain", () => {
  const second = { ...POD, name: "repeater-1", uid: "uid-second" };
  const path = (name: string) => POD_PATH.replace(POD.name, name);
  const order = orderOf({ kind: "node-drain", durationMs: 60_000 }, { pods: [POD, second] });
  async function drained(eviction: (name: string) => Refused | undefined) {
    await using api = await tinyApi();
    api.put(NODE, { metadata: { name: "node-b" }, spec: {} });
    api.put(POD_PATH, podObject());
    api.put(path("repeater-1"), { metadata: { name: "repeater-1", uid: "uid-second" } });
    api.intercept(({ subresource, name }) => (subresource === "eviction" ? eviction(name ?? "") : undefined));
    const result = await injector(api)
      .inject(order, never)
      .catch((cause: unknown) => cause);
    api.intercept(null);
    return { result, node: api.get(NODE)?.spec, done: await injector(api).wasDone(order, never) };
  }

  test("of which one pod went and another was denied happened", async () => {
    const { result, node } = await drained((name) => (name === "repeater-1" ? deny(403, words) : undefined));
    expect(result).toEqual({ kind: "injected" });
    expect(node).toEqual({ unschedulable: true });
  });

  test("whose eviction has no answer uncordons, and nobody takes the cordon for a drain", async () => {
    const { result, node, done } = await drained(() => ({ code: 0, message: "", drop: true }));
    expect(result).toMatchObject({ code: "cluster-unavailable" });
    expect(node).toEqual({});
    expect(done).toBe("not-done");
  });

  test("whose second eviction has no answer uncordons, too, and is looked up by the pod that went", async () => {
    const { result, node, done } = await drained((name) =>
      name === "repeater-1" ? { code: 0, message: "", drop: true } : undefined,
    );
    expect(result).toMatchObject({ code: "cluster-unavailable" });
    expect(node).toEqual({});
    expect(done).toBe("done");
  });
});

test("a zone outage whose deletions are denied opens its nodes again", async () => {
  await using api = await tinyApi();
  api.put(NODE, { metadata: { name: "node-b", labels: { "topology.kubernetes.io/zone": "b" } }, spec: {} });
  api.put(POD_PATH, podObject());
  api.intercept(({ verb, resource }) => (verb === "delete" && resource === "pods" ? deny(429, words) : undefined));
  const result = await injector(api).inject(orderOf({ kind: "zone-outage", durationMs: 60_000 }), never);
  expect(result).toMatchObject({ kind: "not-injected", why: expect.stringContaining("not on Fridays") });
  expect(api.get(NODE)?.spec).toEqual({});
});

test("pod-kill looks at the pod of an owner that is none of Kubernetes' own", async () => {
  await using api = await tinyApi();
  api.put(POD_PATH, podObject());
  const workload = { kind: "StrimziPodSet.core.strimzi.io", namespace: "go-app", name: "kafka" };
  const result = await injector(api).inject(orderOf({ kind: "pod-kill" }, { workload }), never);
  expect(result).toMatchObject({
    kind: "not-injected",
    why: "StrimziPodSet go-app/kafka could get two pods of one identity: use pod-delete",
  });
});
