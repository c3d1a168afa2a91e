import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../../src/sandbox/clock.ts";
import { createParts, type SandboxParts } from "../../../src/sandbox/parts.ts";
import { call, isReady, killPod, podsOf, restartDeployment } from "./story.ts";

const ORIGIN_MS = Date.parse("2026-03-09T10:00:07.123Z");
const SECOND_MS = 1_000;
const OTHER_UID = "00000000-0000-0000-0000-000000000000";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/go-app/leases";
const PODS = "/api/v1/namespaces/go-app/pods";
const MERGE = "application/merge-patch+json";

let clock: ManualClock;
let sandbox: SandboxParts;

beforeEach(() => {
  clock = new ManualClock(ORIGIN_MS);
  sandbox = createParts({ clock, seed: 2, story: "stale", historyMs: 60 * SECOND_MS });
});

type Json = Record<string, unknown>;
const body = async (response: Response): Promise<Json> => (await response.json()) as Json;

interface Recording {
  readonly request?: Json;
  readonly status: number;
  readonly response: Json;
}
const recorded = (name: string): Recording =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/kubernetes/${name}.json`, import.meta.url), "utf8")) as Recording;

/** Replaces what differs between any two clusters: names, uids, versions, times. */
const bare = (value: unknown): unknown => JSON.parse(bareText(value));

const bareText = (value: unknown): string =>
  JSON.stringify(value)
    .replace(/(too old resource version): 1 \(\d+\)/, "$1")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID")
    .replace(/repeater(-[a-z0-9]+){2}/g, "POD")
    .replace(/"resourceVersion":"\d+"/g, '"resourceVersion":"V"')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");

async function expectRecorded(response: Response, name: string): Promise<void> {
  const { status, response: wanted } = recorded(name);
  expect(response.status).toBe(status);
  expect(bare(await body(response))).toEqual(bare(wanted));
}

/** Every member of `wanted`, by path, exists in `found` with the same type. */
function expectShape(found: unknown, wanted: unknown, path: string, ignored: RegExp): void {
  if (ignored.test(path)) return;
  expect(found, path).toBeDefined();
  if (Array.isArray(wanted)) {
    if (wanted.length > 0) expectShape((found as unknown[])[0], wanted[0], `${path}[]`, ignored);
    return;
  }
  if (typeof wanted !== "object" || wanted === null) return;
  for (const [key, value] of Object.entries(wanted))
    expectShape((found as Json)[key], value, `${path}.${key}`, ignored);
}

describe("answers are those that were recorded from a real API server", () => {
  const lease = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "aftershock", namespace: "go-app" },
  };
  const spec = {
    acquireTime: "2026-11-22T18:22:37.357000Z",
    holderIdentity: "worker-a",
    leaseDurationSeconds: 15,
    leaseTransitions: 1,
    renewTime: "2026-11-22T18:22:37.357000Z",
  };

  test("for a pod that is not there", async () => {
    await expectRecorded(await call(sandbox, "GET", `${PODS}/nobody`), "get-pod-404");
  });

  test("for a precondition on another uid, and the pod stays", async () => {
    const [pod] = await podsOf(sandbox, "go-app", "repeater");
    const options = { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid: OTHER_UID } };
    await expectRecorded(await call(sandbox, "DELETE", `${PODS}/${pod!.metadata.name}`, options), "delete-pod-409-uid");
    expect((await podsOf(sandbox, "go-app", "repeater")).map(({ metadata }) => metadata.name)).toContain(
      pod!.metadata.name,
    );
  });

  test("for a lease that is not there, made, made again, and changed under somebody", async () => {
    await expectRecorded(await call(sandbox, "GET", `${LEASES}/aftershock`), "get-lease-404");
    const patch = { metadata: { annotations: { "aftershock.dev/halt": null } } };
    await expectRecorded(await call(sandbox, "PATCH", `${LEASES}/aftershock`, patch, MERGE), "patch-lease-404");
    const created = await call(sandbox, "POST", LEASES, { ...lease, spec });
    const { metadata } = (await created.clone().json()) as { metadata: Json };
    await expectRecorded(created, "create-lease");
    await expectRecorded(await call(sandbox, "GET", `${LEASES}/aftershock`), "get-lease");
    await expectRecorded(await call(sandbox, "POST", LEASES, { ...lease, spec }), "create-lease-409");
    const { request } = recorded("update-lease");
    const update = {
      ...lease,
      metadata: { ...metadata, annotations: (request!.metadata as Json).annotations },
      spec: { ...spec, renewTime: "2026-11-22T18:22:37.398000Z" },
    };
    await expectRecorded(await call(sandbox, "PUT", `${LEASES}/aftershock`, update), "update-lease");
    await expectRecorded(await call(sandbox, "PUT", `${LEASES}/aftershock`, update), "update-lease-409");
  });

  test("for an eviction, and for one that a budget forbids", async () => {
    const [pod] = await podsOf(sandbox, "go-app", "repeater");
    const metadata = { name: pod!.metadata.name, namespace: "go-app" };
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata };
    await expectRecorded(await call(sandbox, "POST", `${PODS}/${metadata.name}/eviction`, eviction), "evict-pod-201");
    const [guarded] = await podsOf(sandbox, "payments", "ledger");
    const other = { ...eviction, metadata: { name: guarded!.metadata.name, namespace: "payments" } };
    const evict = () =>
      call(sandbox, "POST", `/api/v1/namespaces/payments/pods/${other.metadata.name}/eviction`, other);
    await killPod(sandbox, "payments", "ledger");
    const refused = await call(
      sandbox,
      "POST",
      `/api/v1/namespaces/payments/pods/${(await podsOf(sandbox, "payments", "ledger")).find(isReady)!.metadata.name}/eviction`,
      {
        ...eviction,
        metadata: {
          name: (await podsOf(sandbox, "payments", "ledger")).find(isReady)!.metadata.name,
          namespace: "payments",
        },
      },
    );
    const { status, response } = recorded("evict-pod-429-budget");
    expect(refused.status).toBe(status);
    expect(refused.headers.get("retry-after")).toBeNull();
    const said = bareText(await body(refused))
      .replace("ledger needs 1", "repeater needs 2")
      .replace("has 1", "has 2");
    expect(JSON.parse(said)).toEqual(bare(response));
    expect((await evict()).status).toBe(201);
  });

  test("for a question about rights", async () => {
    const review = {
      spec: { resourceAttributes: { group: "", namespace: "go-app", resource: "pods", verb: "delete" } },
    };
    const response = await call(sandbox, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review);
    expect(response.status).toBe(201);
    expect(await body(response)).toMatchObject({ kind: "SelfSubjectAccessReview", status: { allowed: true } });
  });

  test("for a version that is too old to watch from", async () => {
    await expectRecorded(await call(sandbox, "GET", `${PODS}?watch=true&resourceVersion=1`), "watch-pods-410");
  });

  test.each([
    { name: "get-pod", path: async () => `${PODS}/${(await podsOf(sandbox, "go-app", "repeater"))[0]!.metadata.name}` },
    { name: "list-pods", path: async () => `${PODS}?limit=500` },
    { name: "list-deployments", path: async () => "/apis/apps/v1/namespaces/go-app/deployments?limit=500" },
    { name: "list-replicasets", path: async () => "/apis/apps/v1/namespaces/go-app/replicasets?limit=500" },
    { name: "list-services", path: async () => "/api/v1/namespaces/go-app/services?limit=500" },
    { name: "list-nodes", path: async () => "/api/v1/nodes?limit=500" },
    { name: "list-namespaces", path: async () => "/api/v1/namespaces?limit=500" },
    { name: "list-statefulsets", path: async () => "/apis/apps/v1/namespaces/go-app/statefulsets?limit=500" },
    { name: "list-daemonsets", path: async () => "/apis/apps/v1/namespaces/go-app/daemonsets?limit=500" },
    {
      name: "list-poddisruptionbudgets",
      path: async () => "/apis/policy/v1/namespaces/payments/poddisruptionbudgets?limit=500",
    },
    {
      name: "list-horizontalpodautoscalers",
      path: async () => "/apis/autoscaling/v2/namespaces/go-app/horizontalpodautoscalers?limit=500",
    },
    { name: "get-namespace", path: async () => "/api/v1/namespaces/go-app" },
  ])("with every member of $name that says something about this cluster", async ({ name, path }) => {
    const response = await call(sandbox, "GET", await path());
    const { status, response: wanted } = recorded(name);
    expect(response.status).toBe(status);
    const particular =
      /labels\.|annotations|volumes|volumeMounts|\.env|\.args|securityContext|allocatedResources|initContainers|initContainerStatuses|containerStatuses\[\]\.resources|\.(capacity|allocatable|nodeInfo|daemonEndpoints)/;
    expectShape(await body(response), wanted, name, particular);
  });
});

/** Faults on nodes and in the mesh: no story of the sandbox has them. */
const NOT_PLAYED = /^PATCH \/api\/v1\/nodes|networking\.istio\.io/;

describe("every call of the recorded list", () => {
  const lines = readFileSync(new URL("../../../fixtures/kubernetes/calls.txt", import.meta.url), "utf8")
    .trim()
    .split("\n");

  test.each(lines.filter((line) => !NOT_PLAYED.test(line)))("is answered: %s", async (line) => {
    const [method, template, contentType] = line.split(/\s+/) as [string, string, string | undefined];
    const path = template.split("?")[0]!.replace("{namespace}", "go-app").replace("{name}", "nobody");
    const response = await call(sandbox, method, path, method === "GET" ? undefined : {}, contentType);
    const answer = await response.text();
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(answer).not.toContain("could not find the requested resource");
    expect([200, 201, 400, 404, 422]).toContain(response.status);
  });
});

test.each([
  {
    name: "faults in the mesh",
    method: "GET",
    path: "/apis/networking.istio.io/v1/namespaces/go-app/virtualservices",
    status: 404,
  },
  { name: "faults on nodes", method: "PATCH", path: "/api/v1/nodes/node-a", status: 405 },
])("$name are not played, and refused", async ({ method, path, status }) => {
  expect((await call(sandbox, method, path, method === "GET" ? undefined : {}, MERGE)).status).toBe(status);
});

describe("what the API does not have", () => {
  test.each([
    {
      name: "a group that nobody knows",
      method: "GET",
      path: "/apis/nope/v1/things",
      status: 404,
      says: "404 page not found",
    },
    { name: "a path of no API", method: "GET", path: "/nope", status: 404, says: "404 page not found" },
    {
      name: "a resource that nobody knows",
      method: "GET",
      path: "/api/v1/things",
      status: 404,
      says: "the server could not find the requested resource",
    },
    {
      name: "a method that a resource does not have",
      method: "PUT",
      path: `${PODS}/x`,
      status: 405,
      says: "MethodNotAllowed",
    },
    {
      name: "a patch of an unknown type",
      method: "PATCH",
      path: "/apis/apps/v1/namespaces/go-app/deployments/go-app",
      status: 415,
      says: "UnsupportedMediaType",
    },
    {
      name: "a selector that cannot be read",
      method: "GET",
      path: `${PODS}?labelSelector=a%3D%3D%3D`,
      status: 400,
      says: "unable to parse requirement",
    },
    {
      name: "a field that cannot be selected",
      method: "GET",
      path: `${PODS}?fieldSelector=foo%3Dbar`,
      status: 400,
      says: "field label not supported: foo",
    },
  ])("$name is refused as a real one does", async ({ method, path, status, says }) => {
    const response = await call(sandbox, method, path, method === "GET" ? undefined : {});
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(says);
  });

  test("a patch that would do more than a restart is refused, naming the member", async () => {
    const path = "/apis/apps/v1/namespaces/go-app/deployments/go-app";
    const response = await call(sandbox, "PATCH", path, { spec: { replicas: 5 } }, MERGE);
    expect(response.status).toBe(422);
    expect(await response.text()).toContain("not spec.replicas");
  });
});

describe("a deleted pod", () => {
  test("is terminating at once, replaced at once, and gone when its process ended", async () => {
    const killed = await killPod(sandbox, "go-app", "repeater");
    const now = await podsOf(sandbox, "go-app", "repeater");
    expect(now.find(({ metadata }) => metadata.uid === killed.metadata.uid)!.metadata.deletionTimestamp).toBe(
      "2026-03-09T10:00:17Z",
    );
    clock.advance(SECOND_MS);
    expect(await podsOf(sandbox, "go-app", "repeater")).toHaveLength(3);
    clock.advance(14 * SECOND_MS);
    const later = await podsOf(sandbox, "go-app", "repeater");
    expect(later.filter(isReady)).toHaveLength(2);
    expect(later.map(({ metadata }) => metadata.uid)).not.toContain(killed.metadata.uid);
  });

  test("without grace is gone from the API at once", async () => {
    const killed = await killPod(sandbox, "go-app", "repeater", 0);
    expect((await call(sandbox, "GET", `${PODS}/${killed.metadata.name}`)).status).toBe(404);
  });

  test("with a grace period in the query and a body keeps its own: the body decides", async () => {
    const [pod] = await podsOf(sandbox, "go-app", "repeater");
    const path = `${PODS}/${pod!.metadata.name}?gracePeriodSeconds=0`;
    const answer = (await body(await call(sandbox, "DELETE", path, { preconditions: { uid: pod!.metadata.uid } }))) as {
      metadata: Json;
    };
    expect(answer.metadata).toMatchObject({ deletionGracePeriodSeconds: 10 });
  });

  test("of a StatefulSet comes back with its name and another uid, once the old one is gone", async () => {
    const killed = await killPod(sandbox, "payments", "ledger-db");
    clock.advance(300);
    expect(await podsOf(sandbox, "payments", "ledger-db")).toHaveLength(1);
    clock.advance(30 * SECOND_MS);
    const [pod] = await podsOf(sandbox, "payments", "ledger-db");
    expect(pod!.metadata.name).toBe(killed.metadata.name);
    expect(pod!.metadata.uid).not.toBe(killed.metadata.uid);
    expect(isReady(pod!)).toBe(true);
  });
});

test("a restart replaces pods one by one and never goes below two ready ones", async () => {
  const before = (await podsOf(sandbox, "go-app", "go-app")).map(({ metadata }) => metadata.uid);
  await restartDeployment(sandbox, "go-app", "go-app");
  for (let i = 0; i < 60; i++) {
    clock.advance(500);
    expect((await podsOf(sandbox, "go-app", "go-app")).filter(isReady).length).toBeGreaterThanOrEqual(2);
  }
  const after = await podsOf(sandbox, "go-app", "go-app");
  expect(after).toHaveLength(2);
  expect(after.some(({ metadata }) => before.includes(metadata.uid))).toBe(false);
  const deployment = await body(await call(sandbox, "GET", "/apis/apps/v1/namespaces/go-app/deployments/go-app"));
  expect(deployment).toMatchObject({
    metadata: { generation: 2 },
    status: { observedGeneration: 2, updatedReplicas: 2, readyReplicas: 2 },
  });
  const sets = (await body(
    await call(sandbox, "GET", "/apis/apps/v1/namespaces/go-app/replicasets?labelSelector=app%3Dgo-app"),
  )) as { items: { spec: { replicas: number } }[] };
  expect(sets.items.map(({ spec }) => spec.replicas).sort()).toEqual([0, 2]);
});

test("a watch tells each change once, from the version of a list on", async () => {
  const list = (await body(await call(sandbox, "GET", PODS))) as { metadata: { resourceVersion: string } };
  const response = await call(sandbox, "GET", `${PODS}?watch=true&resourceVersion=${list.metadata.resourceVersion}`);
  const reader = response.body!.getReader();
  const killed = await killPod(sandbox, "go-app", "go-app-db");
  clock.advance(20 * SECOND_MS);
  sandbox.advance();
  await killPod(sandbox, "shop", "cart");
  const events: { type: string; object: { metadata: { name: string; resourceVersion: string } } }[] = [];
  while (events.at(-1)?.type !== "DELETED") {
    const { value } = await reader.read();
    events.push(
      ...new TextDecoder()
        .decode(value)
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    );
  }
  await reader.cancel();
  expect(events.at(-1)!.object.metadata.name).toBe(killed.metadata.name);
  const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  expect(events.filter(({ type }) => type === "ADDED")).toHaveLength(1);
});

test("lists come in pages when asked", async () => {
  const names: string[] = [];
  let next = "";
  do {
    const page = (await body(await call(sandbox, "GET", `/api/v1/pods?limit=30&continue=${next}`))) as {
      metadata: { continue?: string; remainingItemCount?: number };
      items: { metadata: { name: string } }[];
    };
    names.push(...page.items.map(({ metadata }) => metadata.name));
    next = page.metadata.continue ?? "";
  } while (next !== "");
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(60);
});

test("an event of events.k8s.io/v1 is checked strictly", async () => {
  const path = "/apis/events.k8s.io/v1/namespaces/go-app/events";
  const { request } = recorded("create-event");
  expect((await call(sandbox, "POST", path, request)).status).toBe(201);
  expect((await call(sandbox, "POST", path, request)).status).toBe(409);
  const silent = await call(sandbox, "POST", path, { ...request, metadata: { name: "other" }, action: "" });
  expect(await body(silent)).toMatchObject({
    code: 422,
    reason: "Invalid",
    message: 'Event "other" is invalid: action: Required value',
  });
});
