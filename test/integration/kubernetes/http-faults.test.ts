import { describe, expect, test } from "vitest";
import { kubernetesInjector } from "../../../src/adapters/kubernetes/faults/injector.ts";
import { manualClock, orderOf, quietLog, T0 } from "./support/parts.ts";
import { never } from "./support/serve.ts";
import { type TinyApi, tinyApi } from "./support/tiny-api.ts";

const FOLDER = "/apis/networking.istio.io/v1/namespaces/go-app/virtualservices";
const OURS = `${FOLDER}/aftershock-repeater`;
const MINE = `${FOLDER}/mine`;
const abort = orderOf({ kind: "http-abort", durationMs: 60_000, httpStatus: 503, percent: 25 }, { pods: [] });
const delay = orderOf({ kind: "http-delay", durationMs: 60_000, delayMs: 250, percent: 100 }, { pods: [] });
const ABORT = { abort: { httpStatus: 503, percentage: { value: 25 } } };
const injector = (api: TinyApi) =>
  kubernetesInjector(api.client, manualClock(), quietLog, { namespaces: async () => ["go-app"] });

const ROUTES = [
  {
    match: [{ uri: { prefix: "/items" } }],
    timeout: "2s",
    retries: { attempts: 3 },
    route: [{ destination: { host: "repeater", subset: "v2" }, weight: 90 }],
  },
  { match: [{ uri: { exact: "/old" } }], redirect: { uri: "/new" } },
  { route: [{ destination: { host: "repeater" } }] },
];
const virtualService = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { namespace: "go-app", name: "mine", labels: { team: "a" }, annotations: { note: "keep" }, ...metadata },
  spec: { hosts: ["repeater"], http: ROUTES, ...spec },
});

describe("without a VirtualService", () => {
  test("one is made for the service, marked with experiment and expiry", async () => {
    await using api = await tinyApi();
    expect(await injector(api).inject(abort, never)).toEqual({ kind: "injected" });
    expect(api.get(OURS)).toMatchObject({
      metadata: {
        annotations: {
          "aftershock.dev/experiment": abort.experimentId,
          "aftershock.dev/expires-at": "2026-03-06T09:25:00.000Z",
        },
      },
      spec: {
        hosts: ["repeater.go-app.svc.cluster.local"],
        http: [{ fault: ABORT, route: [{ destination: { host: "repeater.go-app.svc.cluster.local" } }] }],
      },
    });
  });

  test("undo removes it, and undo again is harmless", async () => {
    await using api = await tinyApi();
    await injector(api).inject(abort, never);
    expect(await injector(api).wasDone(abort, never)).toBe("done");
    await injector(api).undo(abort, never);
    await injector(api).undo(abort, never);
    expect(api.get(OURS)).toBeUndefined();
    expect(await injector(api).wasDone(abort, never)).toBe("not-done");
  });

  test("what somebody made of ours stays theirs, without the fault", async () => {
    await using api = await tinyApi();
    await injector(api).inject(abort, never);
    const now = api.get(OURS)!;
    api.put(OURS, {
      ...now,
      spec: {
        ...(now.spec as object),
        http: [{ fault: ABORT, timeout: "1s", route: [{ destination: { host: "repeater" } }] }],
      },
    });
    await injector(api).undo(abort, never);
    expect(api.get(OURS)).toMatchObject({
      spec: { http: [{ timeout: "1s", route: [{ destination: { host: "repeater" } }] }] },
    });
    expect(JSON.stringify(api.get(OURS))).not.toContain("fault");
  });
});

describe("with a VirtualService of somebody's", () => {
  test("every route to a destination gets the fault, and keeps all else", async () => {
    await using api = await tinyApi();
    api.put(MINE, virtualService());
    expect(await injector(api).inject(delay, never)).toEqual({ kind: "injected" });
    const fault = { delay: { fixedDelay: "0.25s", percentage: { value: 100 } } };
    expect(api.get(MINE)).toMatchObject({
      metadata: { annotations: { note: "keep" } },
      spec: { http: [{ ...ROUTES[0], fault }, ROUTES[1], { ...ROUTES[2], fault }] },
    });
    expect(api.get(OURS)).toBeUndefined();
  });

  test("undo gives back exactly what was there", async () => {
    await using api = await tinyApi();
    api.put(MINE, virtualService());
    await injector(api).inject(delay, never);
    await injector(api).undo(delay, never);
    expect(api.get(MINE)).toMatchObject({ ...virtualService() });
    expect(api.get(MINE)?.metadata.labels).toEqual({ team: "a" });
    expect(api.get(MINE)?.metadata.annotations).toEqual({ note: "keep" });
  });

  test("an edit while the fault stood survives the undo", async () => {
    await using api = await tinyApi();
    api.put(MINE, virtualService());
    await injector(api).inject(abort, never);
    const now = api.get(MINE)!;
    const http = (now.spec as { http: object[] }).http.map((route) => ({ ...route, timeout: "9s" }));
    api.put(MINE, { ...now, spec: { hosts: ["repeater"], http } });
    await injector(api).undo(abort, never);
    expect(api.get(MINE)?.spec).toEqual({
      hosts: ["repeater"],
      http: ROUTES.map((route) => ({ ...route, timeout: "9s" })),
    });
  });

  test("one that changes between look and write is not overwritten", async () => {
    await using api = await tinyApi();
    api.put(MINE, virtualService());
    api.intercept(({ verb }) => {
      if (verb === "patch") api.put(MINE, { ...api.get(MINE), edited: true });
      return undefined;
    });
    expect(await injector(api).inject(abort, never)).toMatchObject({ kind: "not-injected" });
    expect(JSON.stringify(api.get(MINE))).not.toContain("fault");
  });

  test("an undo that meets other writers tries again", async () => {
    await using api = await tinyApi();
    api.put(MINE, virtualService());
    await injector(api).inject(abort, never);
    let writers = 2;
    api.intercept(({ verb }) => {
      if (verb === "patch" && writers-- > 0) api.put(MINE, { ...api.get(MINE) });
      return undefined;
    });
    await injector(api).undo(abort, never);
    expect(api.get(MINE)?.spec).toEqual({ hosts: ["repeater"], http: ROUTES });
  });

  test("one that was deleted while the fault stood is no matter", async () => {
    await using api = await tinyApi();
    api.put(MINE, virtualService());
    await injector(api).inject(abort, never);
    api.remove(MINE);
    await expect(injector(api).undo(abort, never)).resolves.toBeUndefined();
  });

  test("another experiment neither adds to it nor undoes it", async () => {
    await using api = await tinyApi();
    api.put(MINE, virtualService());
    await injector(api).inject(abort, never);
    const other = { ...abort, experimentId: "other" };
    expect(await injector(api).inject(other, never)).toMatchObject({
      kind: "not-injected",
      why: expect.stringContaining(abort.experimentId),
    });
    await injector(api).undo(other, never);
    expect(JSON.stringify(api.get(MINE)?.spec)).toContain("fault");
  });

  test.each([
    { name: "has no HTTP routes", service: virtualService({ http: undefined, tcp: [] }), says: "no HTTP routes" },
    {
      name: "injects faults itself",
      service: virtualService({ http: [{ fault: ABORT, route: [] }] }),
      says: "already injects",
    },
    { name: "delegates", service: virtualService({ http: [{ delegate: { name: "x" } }] }), says: "delegates" },
    { name: "only redirects", service: virtualService({ http: [{ redirect: {} }] }), says: "none of its routes" },
    {
      name: "belongs to Argo CD",
      service: virtualService({}, { annotations: { "argocd.argoproj.io/tracking-id": "x" } }),
      says: "GitOps",
    },
    {
      name: "belongs to Flux",
      service: virtualService({}, { labels: { "kustomize.toolkit.fluxcd.io/name": "x" } }),
      says: "GitOps",
    },
    {
      name: "has a wildcard for it",
      service: virtualService({ hosts: ["*.go-app.svc.cluster.local"] }),
      says: "wildcard",
    },
  ])("one that $name is left alone", async ({ service, says }) => {
    await using api = await tinyApi();
    api.put(MINE, service);
    const before = api.get(MINE);
    expect(await injector(api).inject(abort, never)).toMatchObject({
      kind: "not-injected",
      why: expect.stringContaining(says),
    });
    expect(api.get(MINE)).toEqual(before);
  });

  test("two that name the service are left alone", async () => {
    await using api = await tinyApi();
    api.put(MINE, virtualService());
    api.put(`${FOLDER}/second`, virtualService({ hosts: ["repeater.go-app.svc"] }, { name: "second" }));
    expect(await injector(api).inject(abort, never)).toMatchObject({
      kind: "not-injected",
      why: expect.stringContaining("two VirtualServices"),
    });
  });

  test.each([
    { name: "at a gateway only", service: virtualService({ gateways: ["istio-ingress/public"] }) },
    { name: "for another service", service: virtualService({ hosts: ["go-app"] }) },
  ])("one $name does not stand in the way", async ({ service }) => {
    await using api = await tinyApi();
    api.put(MINE, service);
    expect(await injector(api).inject(abort, never)).toEqual({ kind: "injected" });
    expect(api.get(OURS)).toBeDefined();
  });
});

test("a cluster without Istio says so", async () => {
  await using api = await tinyApi();
  api.intercept(({ group }) => (group === "networking.istio.io" ? "get-pod-404" : undefined));
  expect(await injector(api).inject(abort, never)).toMatchObject({
    kind: "not-injected",
    why: expect.stringContaining("is Istio installed?"),
  });
});

test("an older Istio is asked in its own version", async () => {
  await using api = await tinyApi();
  api.intercept(({ version, group }) =>
    group === "networking.istio.io" && version === "v1" ? "get-pod-404" : undefined,
  );
  expect(await injector(api).inject(abort, never)).toEqual({ kind: "injected" });
  expect(api.get(OURS.replace("/v1/", "/v1beta1/"))).toMatchObject({ apiVersion: "networking.istio.io/v1beta1" });
});

test("a target without a service has no requests to hit", async () => {
  await using api = await tinyApi();
  const order = { ...abort, target: { ...abort.target, services: [] } };
  expect(await injector(api).inject(order, never)).toMatchObject({ kind: "not-injected" });
});

test("a fault that stands is swept once it has expired", async () => {
  await using api = await tinyApi();
  await injector(api).inject(abort, never);
  expect(await injector(api).sweep(T0, () => true, never)).toEqual([]);
  expect(await injector(api).sweep(abort.expiresMs, () => true, never)).toHaveLength(1);
  expect(api.get(OURS)).toBeUndefined();
});
