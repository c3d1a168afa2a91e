import { describe, expect, test } from "vitest";
import { kubernetesInjector } from "../../../src/adapters/kubernetes/faults/injector.ts";
import { manualClock, orderOf, quietLog } from "./support/parts.ts";
import { never } from "./support/serve.ts";
import { type TinyApi, tinyApi } from "./support/tiny-api.ts";

const ROOT = "/apis/networking.istio.io/v1";
const pathOf = (namespace: string, name: string) => `${ROOT}/namespaces/${namespace}/virtualservices/${name}`;
const abort = orderOf({ kind: "http-abort", durationMs: 60_000, httpStatus: 503, percent: 100 }, { pods: [] });

const to = (...hosts: string[]) => ({
  route: hosts.map((host) => ({ destination: { host }, weight: 100 / hosts.length })),
});
const service = (
  name: string,
  spec: object,
  metadata: { readonly namespace?: string } & Record<string, unknown> = {},
) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { namespace: "go-app", name, creationTimestamp: "2026-01-02T00:00:00Z", ...metadata },
  spec,
});
type Service = ReturnType<typeof service>;

/**
 * A cluster with these, in which a list of all namespaces gives all of them; then the fault is
 * ordered.
 */
async function ordered(services: readonly Service[], order = abort, all = true) {
  await using api = await tinyApi();
  const at = (one: Service) => pathOf(one.metadata.namespace, one.metadata.name);
  for (const one of services) api.put(at(one), one);
  const everywhere = services.filter((one) => one.metadata.namespace !== "go-app");
  api.intercept(({ verb, resource, namespace }) => {
    if (verb !== "list" || resource !== "virtualservices" || namespace !== null) return undefined;
    return all ? { code: 200, body: { kind: "List", items: everywhere } } : { code: 403, message: "no" };
  });
  const injector = kubernetesInjector(api.client, manualClock(), quietLog, {
    namespaces: async () => ["go-app", "ingress"],
  });
  const result = await injector.inject(order, never);
  const faulted = services.flatMap((one) =>
    httpOf(api, at(one)).flatMap((route, i) => (route.fault ? [`${one.metadata.name} ${i}`] : [])),
  );
  const made = api.get(pathOf("go-app", "aftershock-repeater")) !== undefined;
  await injector.undo(order, never);
  const after = services.map((one) => httpOf(api, at(one)));
  return { result, faulted, made, after };
}

const httpOf = (api: TinyApi, path: string): { readonly fault?: unknown }[] =>
  ((api.get(path)?.spec as { http?: object[] })?.http ?? []) as { readonly fault?: unknown }[];

describe("a VirtualService that also routes something else", () => {
  test.each([
    {
      name: "with two hosts: only the target's route has the fault",
      spec: {
        hosts: ["repeater", "go-app"],
        http: [
          { match: [{ uri: { prefix: "/repeat" } }], ...to("repeater") },
          { match: [{ uri: { prefix: "/" } }], ...to("go-app") },
        ],
      },
      faulted: ["web 0"],
    },
    {
      name: "by a regex on its path: the route that leads elsewhere stays",
      spec: {
        hosts: ["repeater"],
        http: [{ match: [{ uri: { regex: "/old/.*" } }], ...to("legacy") }, to("repeater")],
      },
      faulted: ["web 1"],
    },
    {
      name: "with subsets of the target: all of its traffic is the target's",
      spec: {
        hosts: ["repeater"],
        http: [
          {
            route: [
              { destination: { host: "repeater", subset: "v1" }, weight: 90 },
              { destination: { host: "repeater", subset: "v2" }, weight: 10 },
            ],
          },
        ],
      },
      faulted: ["web 0"],
    },
    {
      name: "by full names, in another domain of the cluster",
      spec: { hosts: ["repeater.go-app.svc.corp.example"], http: [to("repeater.go-app.svc.corp.example")] },
      faulted: ["web 0"],
    },
    {
      name: "for the mesh and a gateway",
      spec: { hosts: ["repeater"], gateways: ["mesh", "ingress/public"], http: [to("repeater")] },
      faulted: ["web 0"],
    },
  ])("$name", async ({ spec, faulted }) => {
    const seen = await ordered([service("web", spec)]);
    expect(seen.result).toEqual({ kind: "injected" });
    expect(seen.faulted).toEqual(faulted);
    expect(seen.made).toBe(false);
    expect(seen.after[0]).toEqual(spec.http);
  });

  test.each([
    {
      name: "shares a route by weight",
      spec: { hosts: ["repeater"], http: [to("repeater", "repeater-canary")] },
      why: "VirtualService go-app/web: one of its routes shares its requests between the target and repeater-canary",
    },
    {
      name: "names two hosts and leads only to the other",
      spec: { hosts: ["repeater", "go-app"], http: [to("go-app")] },
      why: "VirtualService go-app/web: none of its routes leads to the target",
    },
    {
      name: "has a destination that cannot be read",
      spec: { hosts: ["repeater"], http: [{ route: [{ weight: 100 }] }] },
      why: "VirtualService go-app/web: none of its routes leads to the target",
    },
    {
      name: "leads to a service of the same name in another namespace",
      spec: { hosts: ["repeater"], http: [to("repeater.other.svc.cluster.local")] },
      why: "VirtualService go-app/web: none of its routes leads to the target",
    },
    {
      name: "delegates one of its routes",
      spec: {
        hosts: ["repeater"],
        http: [{ match: [{ uri: { prefix: "/a" } }], delegate: { name: "a", namespace: "team" } }, to("repeater")],
      },
      why: "VirtualService go-app/web: it delegates routes to another one",
    },
    {
      name: "is exported to its own namespace only",
      spec: { hosts: ["repeater"], exportTo: ["."], http: [to("repeater")] },
      why: "VirtualService go-app/web routes go-app/repeater for some namespaces only (exportTo): other callers would not be hit",
    },
    {
      name: "is made by an operator",
      spec: { hosts: ["repeater"], http: [to("repeater")] },
      metadata: {
        ownerReferences: [
          { apiVersion: "flagger.app/v1beta1", kind: "Canary", name: "repeater", uid: "c", controller: true },
        ],
      },
      why: "VirtualService go-app/web is kept by Canary repeater",
    },
  ])("one that $name is refused by its name", async ({ spec, why, metadata }) => {
    const seen = await ordered([service("web", spec, metadata ?? {})]);
    expect(seen.result).toEqual({ kind: "not-injected", why });
    expect(seen.faulted).toEqual([]);
    expect(seen.made).toBe(false);
  });
});

test("a route by weight between two of the target's own Services has the fault", async () => {
  const order = { ...abort, target: { ...abort.target, services: ["go-app/repeater", "go-app/repeater-canary"] } };
  const web = service("web", { hosts: ["repeater"], http: [to("repeater", "repeater-canary")] });
  const seen = await ordered([web], order);
  expect(seen.result).toEqual({ kind: "injected" });
  expect(seen.faulted).toEqual(["web 0"]);
});

test("one that names two of the target's Services is changed once", async () => {
  const order = { ...abort, target: { ...abort.target, services: ["go-app/repeater", "go-app/second"] } };
  const web = service("web", { hosts: ["repeater", "second"], http: [to("repeater"), to("second")] });
  const seen = await ordered([web], order);
  expect(seen.result).toEqual({ kind: "injected" });
  expect(seen.faulted).toEqual(["web 0", "web 1"]);
});

describe("several VirtualServices for one host", () => {
  const spec = { hosts: ["repeater"], http: [to("repeater")] };
  const full = { hosts: ["repeater.go-app.svc.cluster.local"], http: [to("repeater.go-app.svc.cluster.local")] };
  const older = { creationTimestamp: "2026-01-01T00:00:00Z" };

  test("the oldest decides in the mesh, and is the one that is changed", async () => {
    const seen = await ordered([service("young", spec), service("old", full, older)]);
    expect(seen.result).toEqual({ kind: "injected" });
    expect(seen.faulted).toEqual(["old 0"]);
  });
  test("of one age are refused by their names", async () => {
    const seen = await ordered([service("a", spec), service("b", full)]);
    expect(seen.result).toEqual({
      kind: "not-injected",
      why: "two VirtualServices name go-app/repeater, and which one decides cannot be told: VirtualService go-app/a, VirtualService go-app/b",
    });
  });
  test.each([
    { name: "that may be listed with all namespaces", all: true },
    { name: "that may only be listed by itself", all: false },
  ])("one in another namespace $name decides when it is older, and is not ours to change", async ({ all }) => {
    const seen = await ordered(
      [service("own", spec), service("far", full, { ...older, namespace: "ingress" })],
      abort,
      all,
    );
    expect(seen.result).toEqual({
      kind: "not-injected",
      why: "VirtualService ingress/far decides over go-app/repeater from another namespace",
    });
    expect(seen.faulted).toEqual([]);
  });
  test("one in another namespace that is younger decides nothing", async () => {
    const younger = { creationTimestamp: "2026-02-01T00:00:00Z", namespace: "ingress" };
    const seen = await ordered([service("own", spec), service("far", full, younger)]);
    expect(seen.faulted).toEqual(["own 0"]);
  });
  test("one of the same short name in another namespace means another service", async () => {
    const seen = await ordered([service("far", spec, { ...older, namespace: "ingress" })]);
    expect(seen.result).toEqual({ kind: "injected" });
    expect(seen.made).toBe(true);
  });
  test("one in another namespace that callers there alone see is refused by its name", async () => {
    const hidden = { ...full, exportTo: ["."] };
    const seen = await ordered([service("own", spec), service("far", hidden, { namespace: "ingress" })]);
    expect(seen.result).toMatchObject({ kind: "not-injected", why: expect.stringContaining("ingress/far") });
  });
  test("a wildcard in another namespace is refused by its name", async () => {
    const seen = await ordered([
      service("far", { hosts: ["*.svc.cluster.local"], http: [to("x")] }, { namespace: "ingress" }),
    ]);
    expect(seen.result).toMatchObject({
      kind: "not-injected",
      why: expect.stringContaining("ingress/far routes go-app/repeater by a wildcard"),
    });
  });
  test("one for a gateway alone decides nothing in the mesh", async () => {
    const gateway = { ...full, gateways: ["ingress/public"] };
    const seen = await ordered([service("far", gateway, { ...older, namespace: "ingress" })]);
    expect(seen.result).toEqual({ kind: "injected" });
    expect(seen.made).toBe(true);
  });
});
