import { describe, expect, test } from "vitest";
import { limitsReader } from "../../../src/adapters/kubernetes/faults/http/route-limits.ts";
import { never } from "./support/serve.ts";
import { tinyApi } from "./support/tiny-api.ts";

const ROOT = "/apis/networking.istio.io/v1/namespaces/go-app/virtualservices";
const to = { route: [{ destination: { host: "go-app" } }] };

/** What is known of go-app/go-app when it has this VirtualService; null: no service is known. */
async function limitsOf(spec: object | null, metadata: object = {}, forbidden: readonly string[] = []) {
  await using api = await tinyApi();
  // the kind is there, whatever routes go-app has
  const other = { hosts: ["other"], http: [{ route: [{ destination: { host: "other" } }], timeout: "1s" }] };
  for (const [name, one] of Object.entries({ other, "go-app": spec })) {
    if (one === null) continue;
    api.put(`${ROOT}/${name}`, {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { namespace: "go-app", name, ...(name === "other" ? {} : metadata) },
      spec: one,
    });
  }
  api.intercept(({ verb, resource }) =>
    verb === "list" && forbidden.includes(resource) ? { code: 403, message: "no" } : undefined,
  );
  const known = await limitsReader(api.client, async () => ["go-app"]).read(["go-app/go-app"], never);
  return known.get("go-app/go-app") ?? null;
}

const routed = (...http: object[]) => ({ hosts: ["go-app"], http });

describe("what the mesh's routes set for calls to a service", () => {
  test.each([
    { name: "no VirtualService: no time-out, and Istio's own retries", spec: null, timeout: false, retriesOff: false },
    { name: "a time-out", spec: routed({ ...to, timeout: "0.5s" }), timeout: true, retriesOff: false },
    { name: "0s is none", spec: routed({ ...to, timeout: "0s" }), timeout: false, retriesOff: false },
    {
      name: "one of two routes has none",
      spec: routed({ match: [{ uri: { prefix: "/a" } }], ...to, timeout: "1m30s" }, to),
      timeout: false,
      retriesOff: false,
    },
    {
      name: "each try has one",
      spec: routed({ ...to, retries: { attempts: 2, perTryTimeout: "250ms" } }),
      timeout: true,
      retriesOff: false,
    },
    { name: "retries off", spec: routed({ ...to, retries: { attempts: 0 } }), timeout: false, retriesOff: true },
    {
      name: "a route that answers by itself waits for nobody",
      spec: routed({ match: [{ uri: { exact: "/" } }], redirect: { uri: "/a" } }, { ...to, timeout: "2s" }),
      timeout: true,
      retriesOff: false,
    },
  ])("$name", async ({ spec, timeout, retriesOff }) => expect(await limitsOf(spec)).toEqual({ timeout, retriesOff }));

  test.each([
    { name: "a delegate", spec: routed({ delegate: { name: "other" } }) },
    { name: "exportTo", spec: { ...routed(to), exportTo: ["."] } },
    { name: "a duration that is none", spec: routed({ ...to, timeout: "soon" }) },
    { name: "routes of TCP alone", spec: { hosts: ["go-app"], tcp: [to] } },
    { name: "a fault of ours", spec: routed(to), metadata: { labels: { "aftershock.dev/fault": "true" } } },
    { name: "VirtualServices may not be read", spec: routed(to), forbidden: ["virtualservices"] },
    { name: "routes of the Gateway API may not be read", spec: routed(to), forbidden: ["httproutes"] },
  ])("nobody can tell: $name", async ({ spec, metadata, forbidden }) =>
    expect(await limitsOf(spec, metadata, forbidden)).toBeNull(),
  );

  test("nobody can tell where the cluster has no VirtualServices", async () => {
    await using api = await tinyApi();
    api.intercept(({ resource }) => (resource === "virtualservices" ? { code: 404, message: "no" } : undefined));
    expect((await limitsReader(api.client, async () => []).read(["go-app/go-app"], never)).size).toBe(0);
  });
});
