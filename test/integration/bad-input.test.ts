import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { kubernetesInjector } from "../../src/adapters/kubernetes/faults/injector.ts";
import { kubernetesReader } from "../../src/adapters/kubernetes/read/reader.ts";
import { advance } from "../../src/app/experiment/advance.ts";
import { planExperiment } from "../../src/app/experiment/plan.ts";
import { recordRefusal } from "../../src/app/records/operations.ts";
import { parseConfig } from "../../src/config/load/load.ts";
import type { ClusterSnapshot } from "../../src/core/model/cluster.ts";
import type { Fault } from "../../src/core/model/fault.ts";
import type { Policy } from "../../src/core/model/policy.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/core/model/units.ts";
import { storyOf } from "../../src/main/print/story.ts";
import { type Bench, bench, type World, world } from "../support/app.ts";
import { namespace } from "../support/cluster.ts";
import { experimentPlan, T0 } from "../support/experiments.ts";
import { policy } from "../support/policies.ts";
import { quietLog } from "./kubernetes/support/parts.ts";
import { answerJson, never, type Served, serve } from "./kubernetes/support/serve.ts";
import { type TinyApi, tinyApi } from "./kubernetes/support/tiny-api.ts";

// What a cluster and its people do to an experiment, from the API server's answer to what
// `aftershock explain` says.

const ID = experimentPlan().id;
const DELETE: Fault = { kind: "pod-delete" };
const EVICT: Fault = { kind: "pod-evict" };
const ABORT: Fault = { kind: "http-abort", durationMs: 5 * MINUTE_MS, httpStatus: 503, percent: 50 };
const SERVICES = "/apis/networking.istio.io/v1/namespaces/go-app/virtualservices";

const story = async (run: Bench, id = ID): Promise<string> =>
  storyOf(await run.journal.read(`experiment/${id}`)).lines.join("\n");
const phase = async (run: Bench, id = ID) => (await run.deps.book.experiment(id)).phase;

/** An experiment whose one fault is `fault`, done by the real injector on `served`. */
async function experimentOn(served: Served, the: World, fault: Fault, changes: Partial<Policy> = {}): Promise<Bench> {
  const run = await bench(the);
  const limits = { ...policy().limits, maxUnavailable: { unit: "percent" as const, value: 100 }, minAgeMs: 0 };
  const armed = policy({ limits, faults: [{ fault, weight: 1 }], ...changes });
  const injector = kubernetesInjector(served.client, run.clock, quietLog, { namespaces: async () => ["go-app"] });
  Object.assign(run.deps, { policyOf: () => armed, injector });
  return run;
}

const pathOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
  `/api/v1/namespaces/${namespace}/pods/${name}`;

/** Pods of the story as the API server has them. */
function putPods(api: TinyApi, the: World, changes: object = {}): void {
  for (const { namespace, name, uid } of the.cluster.pods)
    api.put(pathOf({ namespace, name }), { kind: "Pod", metadata: { namespace, name, uid, ...changes } });
}

/** A server that refuses every change in the same words; reads find nothing. */
const refusing = (answer: (response: ServerResponse) => void) =>
  serve((request, response) =>
    request.method === "GET" ? answerJson(response, 200, { metadata: {}, items: [] }) : answer(response),
  );

const throttled = (response: ServerResponse) =>
  void response
    .writeHead(429, { "content-type": "text/plain", "retry-after": "7" })
    .end("Too many requests, please try again later.");

describe("a pod", () => {
  test("that vanishes between choice and call: nothing is done, and it says so", async () => {
    await using api = await tinyApi();
    const run = await experimentOn(api, world(), DELETE);
    expect(await run.step()).toBeNull();
    expect(await phase(run)).toBe("not-injected");
    expect(await story(run)).toMatch(/chose Deployment go-app\/.*not injected: pod go-app\/\S+ is already gone/s);
  });

  test("that was re-created with the same name is left alone: its uid differs", async () => {
    await using api = await tinyApi();
    const the = world();
    putPods(api, the, { uid: "another" });
    const run = await experimentOn(api, the, DELETE);
    await run.step();
    expect(await story(run)).toMatch(
      /not injected: pod \S+ changed since it was looked at, or was replaced by another of the same name/,
    );
    for (const pod of the.cluster.pods) expect(api.get(pathOf(pod))?.metadata.deletionTimestamp).toBeUndefined();
  });

  test("that a finalizer holds keeps its workload from being whole: judged late, and told why", async () => {
    await using api = await tinyApi();
    const the = world();
    putPods(api, the);
    const run = await experimentOn(api, the, DELETE);
    await run.step();
    const hit = (await run.deps.book.experiment(ID)).choice?.target.pods[0];
    const pods = the.cluster.pods.map((pod) =>
      pod.uid === hit?.uid ? { ...pod, terminating: true, ready: false } : pod,
    );
    the.cluster = { ...the.cluster, pods };
    await run.play(T0 + HOUR_MS);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "done", clearHow: "late" });
    const held = `${hit?.name} is still terminating: a finalizer, or a node that does not answer, holds it`;
    expect(await story(run)).toContain(
      `not whole again after 15 min (${held}; nothing took its place); observing anyway`,
    );
  });
});

test("an eviction that is refused for an hour: each slot says so in the budget's words, and none asks twice", async () => {
  await using api = await tinyApi();
  const the = world();
  putPods(api, the);
  let asked = 0;
  api.intercept(({ subresource }) => {
    if (subresource !== "eviction") return undefined;
    asked += 1;
    return "evict-pod-429-budget";
  });
  const run = await experimentOn(api, the, EVICT);
  for (let slot = 0; slot < 7; slot++) {
    const slotMs = T0 + slot * 10 * MINUTE_MS;
    run.clock.moveTo(slotMs);
    const plan = experimentPlan({ id: slot === 0 ? ID : `slot-${slot}`, slotMs });
    await planExperiment(run.deps, plan);
    expect(await run.step(plan.id)).toBeNull();
    expect(await run.step(plan.id)).toBeNull();
    expect(await story(run, plan.id)).toContain("not injected: a disruption budget does not allow it");
  }
  expect(asked).toBe(7);
  expect(await run.deps.book.open()).toEqual([]);
});

describe("a namespace that is being deleted", () => {
  test("is no target any more: refused, with the reason", async () => {
    await using api = await tinyApi();
    const the = world();
    the.cluster = { ...the.cluster, namespaces: [namespace("go-app", { terminating: true })] };
    const run = await experimentOn(api, the, DELETE);
    await run.step();
    expect(await story(run)).toMatch(
      /refused by the gate "target": 0 of 3 workloads may be hit: .*being deleted \(3\)/,
    );
  });

  test("between choice and call: nothing can be made there, and no right is said to be missing", async () => {
    await using served = await refusing((response) =>
      answerJson(response, 403, {
        kind: "Status",
        code: 403,
        reason: "Forbidden",
        message: "unable to create new content in namespace go-app because it is being terminated",
        details: { causes: [{ reason: "NamespaceTerminating", message: "namespace go-app is being terminated" }] },
      }),
    );
    const run = await experimentOn(served, world(), ABORT);
    await run.step();
    expect(await phase(run)).toBe("not-injected");
    expect(await story(run)).toMatch(/not injected: create virtualservices.*: the namespace is being deleted/);
    expect(await story(run)).not.toContain("aftershock rbac");
  });
});

describe("an API server whose flow control answers 429", () => {
  test("to the call: nothing was done, and it is not asked again", async () => {
    await using served = await refusing(throttled);
    const run = await experimentOn(served, world(), DELETE);
    expect(await run.step()).toBeNull();
    expect(await story(run)).toMatch(/not injected: .*429/);
    expect(served.client.calls().filter((call) => call.verb === "delete")).toMatchObject([{ count: 1 }]);
  });

  test("to the look before it: refused, for nobody knows what is there", async () => {
    await using served = await serve((_request, response) => throttled(response));
    const run = await experimentOn(served, world(), DELETE);
    Object.assign(run.deps, { cluster: kubernetesReader(served.client, run.clock) });
    expect(await run.step()).toBeNull();
    expect(await story(run)).toMatch(/refused by the gate "cluster": cannot tell: .*429/);
  });
});

describe("a VirtualService that somebody changes while the fault stands", () => {
  const MINE = `${SERVICES}/mine`;
  const mine = (name: string, http: readonly object[]) => ({
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { namespace: "go-app", name: "mine" },
    spec: { hosts: [name], http },
  });
  const only = (name: string): Partial<Policy> => ({ target: { ...policy().target, names: [name] } });

  /** The fault stands in somebody's VirtualService for repeater. */
  async function standing(api: TinyApi): Promise<Bench> {
    api.put(MINE, mine("repeater", [{ route: [{ destination: { host: "repeater" } }] }]));
    const run = await experimentOn(api, world(), ABORT, only("repeater"));
    await run.step();
    expect(JSON.stringify(api.get(MINE))).toContain("503");
    return run;
  }

  test("keeps their change and loses the fault, and the record tells of it", async () => {
    await using api = await tinyApi();
    const run = await standing(api);
    const now = api.get(MINE)!;
    const spec = now.spec as { http: Record<string, unknown>[] };
    api.put(MINE, { ...now, spec: { ...spec, http: spec.http.map((route) => ({ ...route, timeout: "9s" })) } });
    await run.play(T0 + 7 * MINUTE_MS);
    expect(api.get(MINE)?.spec).toEqual({
      hosts: ["repeater"],
      http: [{ route: [{ destination: { host: "repeater" } }], timeout: "9s" }],
    });
    expect(await story(run)).toMatch(
      /fault undone\n.*VirtualService go-app\/mine was changed by somebody while the fault stood: their change is kept/,
    );
  });

  test("again and again (409) is asked until the fault is gone, and the record counts the tries", async () => {
    await using api = await tinyApi();
    const run = await standing(api);
    let conflicts = 12;
    api.intercept(({ verb, resource }) => {
      if (verb !== "patch" || resource !== "virtualservices" || conflicts === 0) return undefined;
      conflicts -= 1;
      return "update-lease-409";
    });
    await run.play(T0 + 7 * MINUTE_MS);
    expect(JSON.stringify(api.get(MINE))).not.toContain("503");
    expect(await story(run)).toMatch(/fault undone\n.*2 tries failed before, the last one with: patch virtual/);
  });
});

describe("a policy that selects", () => {
  test("everything reaches no protected namespace, and the record names what it drew from", async () => {
    await using api = await tinyApi();
    const the = world();
    const system: ClusterSnapshot["workloads"] = the.cluster.workloads.map((one) => ({
      ...one,
      namespace: "kube-system",
    }));
    the.cluster = {
      ...the.cluster,
      namespaces: [...the.cluster.namespaces, namespace("kube-system")],
      workloads: [...the.cluster.workloads, ...system],
      pods: the.cluster.pods.flatMap((pod) => [
        pod,
        {
          ...pod,
          namespace: "kube-system",
          uid: `${pod.uid}-k`,
          workload: { ...pod.workload, namespace: "kube-system" },
        },
      ]),
    };
    putPods(api, the);
    const run = await experimentOn(api, the, DELETE, { target: { ...policy().target, namespaces: ["*"] } });
    await run.step();
    expect(await story(run)).toContain("out of 3 workloads that may be hit");
    expect(await story(run)).toContain("; 3 workloads were not eligible");
    const changed = api.client.calls().filter((call) => call.verb === "delete");
    expect(changed).toMatchObject([{ namespaces: ["go-app"], count: 1 }]);
  });

  test.each([
    { name: "a namespace without workloads", cluster: { workloads: [], pods: [] }, why: "no workload was found" },
    { name: "no name that there is", target: { names: ["nobody"] }, why: "0 of 3 workloads may be hit" },
  ])("nothing ($name) is refused, with the reason", async ({ cluster = {}, target = {}, why }) => {
    await using api = await tinyApi();
    const the = world();
    the.cluster = { ...the.cluster, ...cluster };
    const run = await experimentOn(api, the, DELETE, { target: { ...policy().target, ...target } });
    expect(await run.step()).toBeNull();
    expect(await phase(run)).toBe("refused");
    expect(await story(run)).toContain(`refused by the gate "target": ${why}`);
  });
});

describe("two policies on one workload at the same instant", () => {
  const other = experimentPlan({ id: "other-pods-20260306T091500Z", policy: "other-pods", seed: 8 });

  async function both(api: TinyApi): Promise<Bench> {
    const the = world();
    putPods(api, the);
    const run = await experimentOn(api, the, DELETE, { target: { ...policy().target, names: ["go-app"] } });
    await planExperiment(run.deps, other);
    return run;
  }
  const deletions = (api: TinyApi) =>
    api.client
      .calls()
      .filter((call) => call.verb === "delete")
      .reduce((sum, call) => sum + call.count, 0);

  test("in one worker: the first one is done, the second refused because of that", async () => {
    await using api = await tinyApi();
    const run = await both(api);
    await run.step(ID);
    await run.step(other.id);
    expect(deletions(api)).toBe(1);
    expect(await story(run)).toContain("pod-delete: go-app/");
    const at = new Date(T0).toISOString();
    expect(await story(run, other.id)).toContain(`Deployment go-app/go-app: cooldown: hit ${at}, 30 min left`);
  });

  test("in two workers: whoever has no lease is refused", async () => {
    await using api = await tinyApi();
    const run = await both(api);
    const without = { ...run.deps, lease: { ...run.deps.lease, hold: async () => null } };
    await Promise.all([run.step(ID), advance(without, other.id, never)]);
    expect(deletions(api)).toBe(1);
    expect(await phase(run, other.id)).toBe("refused");
    expect(await story(run, other.id)).toMatch(/refused by the gate "(lease|active-experiment|target)"/);
  });
});

describe("an ICS file with garbage", () => {
  const config = (ics: string) => `cluster: a
prometheus: { url: "http://p.mon:9090" }
policies:
  - { name: p, schedule: { windows: [daily 00:00-24:00] }, target: { namespaces: [shop] }, faults: [{ kind: pod-delete }] }
calendar: { holidays: { ics: ${ics} } }
`;
  const load = (text: string) =>
    parseConfig(text, {
      file: "aftershock.yaml",
      env: {},
      readFile: async (path) => (path.endsWith("bad.ics") ? "<html>sign in</html>" : path),
    });

  test("is refused with its line, and what is recorded is told once: the old configuration stays", async () => {
    const run = await bench(world());
    const why = await load(config("bad.ics")).then(
      () => "accepted",
      (cause: Error) => cause.message,
    );
    expect(why).toMatch(/calendar\.holidays\.ics: bad\.ics: line 1: .* is not a line of an iCalendar file/);
    for (let look = 0; look < 3; look++) await recordRefusal(run.deps, { hash: "of-the-old", by: "file", why });
    const written = run.journal.entries().filter((entry) => entry.stream.startsWith("operations/"));
    expect(written.map((entry) => entry.event)).toEqual([
      { kind: "configured", hash: "of-the-old", by: "file", summary: `refused, and the old one stays: ${why}` },
    ]);
  });
});

test("what is recorded of one second tells its order", async () => {
  await using api = await tinyApi();
  const the = world();
  putPods(api, the);
  const run = await experimentOn(api, the, DELETE);
  await run.step();
  const at = new Date(T0).toISOString();
  const lines = (await story(run)).split("\n");
  expect(lines.every((line) => line.startsWith(at))).toBe(true);
  expect(lines.map((line) => line.slice(at.length + 2).split(/[ :]/)[0])).toEqual([
    ...["planned", "drawn", "chose", "intent", "injected"],
  ]);
  expect(run.clock.nowMs()).toBeLessThan(T0 + SECOND_MS);
});
