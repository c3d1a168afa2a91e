import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import type { KubernetesObject } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type KubernetesClient } from "../../../src/adapters/kubernetes/client/client.ts";
import { collectionIn, named, objectPath } from "../../../src/adapters/kubernetes/client/paths.ts";
import { kubernetesInjector } from "../../../src/adapters/kubernetes/faults/injector.ts";
import { kubernetesReader } from "../../../src/adapters/kubernetes/read/reader.ts";
import type { ClusterNode, ClusterSnapshot, Pod } from "../../../src/core/model/cluster.ts";
import type { FaultInjector } from "../../../src/ports/faults.ts";
import { findProgram } from "../../support/requires.ts";
import { closedFor, podTarget, shopPolicy, targetsOf, whatIfPrinted, whyNot } from "../../unit/targets/asked.ts";
import { clock, deadline, eventually, log, orderFor, type Scenery, scenery } from "./support/lab.ts";

const NAMESPACE = "shop";
const SET = "StatefulSet shop/db";
/** Pods of the lab are only some seconds old. */
const asked = () => {
  const policy = shopPolicy();
  return { ...policy, limits: { ...policy.limits, minAgeMs: 0 } };
};

let client: KubernetesClient;
let injector: FaultInjector;
let stage: Scenery;
const snapshot = (): Promise<ClusterSnapshot> => kubernetesReader(client, clock).snapshot([NAMESPACE], deadline());
const hittable = (seen: ClusterSnapshot) =>
  targetsOf(seen, SET, asked()).targets.flatMap((target) => target.pods.map((pod) => pod.name));

beforeAll(async () => {
  client = connect();
  injector = kubernetesInjector(client, clock, log, { namespaces: async () => [NAMESPACE] });
  stage = scenery();
  const labels = { app: "db" };
  const container = { name: "db", image: "lab/pause:1", imagePullPolicy: "IfNotPresent" };
  const spread = {
    topologyKey: "kubernetes.io/hostname",
    maxSkew: 1,
    whenUnsatisfiable: "DoNotSchedule",
    labelSelector: { matchLabels: labels },
  };
  await stage.make(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
    {
      ...{ apiVersion: "v1", kind: "Service", metadata: { name: "db-primary", namespace: NAMESPACE } },
      ...{ spec: { ports: [{ port: 80 }], selector: { ...labels, role: "master" } } },
    } as KubernetesObject,
    {
      ...{ apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "db", namespace: NAMESPACE } },
      spec: {
        ...{ replicas: 3, serviceName: "db", podManagementPolicy: "Parallel", selector: { matchLabels: labels } },
        template: {
          metadata: { labels },
          spec: { containers: [container], topologySpreadConstraints: [spread], terminationGracePeriodSeconds: 1 },
        },
      },
    } as KubernetesObject,
  );
  await whole();
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await client.close();
});

const whole = () =>
  eventually(async () => {
    const { pods } = await snapshot();
    return pods.filter((pod) => pod.ready && !pod.terminating).length === 3;
  });

async function label(name: string, labels: Readonly<Record<string, string | null>>): Promise<void> {
  const path = objectPath("pods", NAMESPACE, name);
  await client.request({ method: "PATCH", path, body: { metadata: { labels } } }, deadline());
}

const budget = (name: string, matchLabels: object) =>
  ({
    ...{ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name, namespace: NAMESPACE } },
    ...{ spec: { minAvailable: 1, selector: { matchLabels } } },
  }) as KubernetesObject;

/** The snapshot once this budget has counted its pods. */
async function counted(name: string): Promise<ClusterSnapshot> {
  await eventually(async () =>
    (await snapshot()).pods.some((pod) => pod.budgets?.some((one) => one.name === name && one.observed)),
  );
  return snapshot();
}

describe("budgets on a real cluster", () => {
  test("one that selects a label of run time spares the pod that has it, and follows it", async () => {
    await using own = scenery();
    await label("db-0", { role: "master" });
    await own.make(budget("primary", { app: "db", role: "master" }));
    const seen = await counted("primary");
    const spared = "pod db-0: disruption budget primary allows no disruption now";
    expect(whyNot(seen, SET, [], asked())).toContain(`may be hit, but not ${spared}`);
    expect(whatIfPrinted(seen, asked())).toContain(spared);
    expect(hittable(seen)).toEqual(["db-1", "db-2"]);
    expect(await closedFor(seen, podTarget(seen, "db-0"), asked())).toContain(
      "disruption budget primary allows no disruption",
    );
    expect(await closedFor(seen, podTarget(seen, "db-1"), asked())).toBeNull();
    expect(seen.pods.find((pod) => pod.name === "db-0")?.services).toEqual(["shop/db-primary"]);
    await label("db-0", { role: null });
    await label("db-2", { role: "master" });
    await eventually(async () => (await snapshot()).pods.find((pod) => pod.name === "db-2")?.budgets?.length === 1);
    expect(hittable(await counted("primary"))).toEqual(["db-0", "db-1"]);
    await label("db-2", { role: null });
  });

  test("one for one pod of three spares that one", async () => {
    await using own = scenery();
    await own.make(budget("one", { "statefulset.kubernetes.io/pod-name": "db-1" }));
    const seen = await counted("one");
    expect(hittable(seen)).toEqual(["db-0", "db-2"]);
    expect(whyNot(seen, SET, [], asked())).toContain("pod db-1: disruption budget one allows no disruption now");
  });
});

describe("nodes on a real cluster", () => {
  const isTainted = ({ taints = [] }: ClusterNode): boolean =>
    taints.some(({ key }) => key === "node.kubernetes.io/unschedulable");
  const cordon = (name: string, unschedulable: true | null) =>
    client.request(
      { method: "PATCH", path: objectPath("nodes", null, name), body: { spec: { unschedulable } } },
      deadline(),
    );
  test("with all three cordoned no pod is hit, and each node is named", async () => {
    const { nodes } = await snapshot();
    try {
      for (const node of nodes) await cordon(node.name, true);
      await eventually(async () => (await snapshot()).nodes.every(isTainted));
      const seen = await snapshot();
      expect(targetsOf(seen, SET, asked()).targets).toEqual([]);
      for (const { node } of seen.pods) expect(whyNot(seen, SET, [], asked())).toContain(`node ${node} is cordoned`);
      expect(await closedFor(seen, podTarget(seen, "db-0"), asked())).toMatch(/^pods: .* is cordoned$/);
    } finally {
      for (const node of nodes) await cordon(node.name, null);
    }
    await eventually(async () => (await snapshot()).nodes.every((node) => node.schedulable && !isTainted(node)));
    expect(hittable(await snapshot())).toHaveLength(3);
  });
});

test("a webhook that denies evictions: the drain is refused in its words, and its node is open again", async () => {
  await using own = scenery();
  await using webhook = await denyingWebhook("not on Fridays");
  await own.make({
    ...{
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "keep" },
    },
    webhooks: [
      {
        ...{ name: "keep.shop.example", admissionReviewVersions: ["v1"], sideEffects: "None", failurePolicy: "Fail" },
        clientConfig: { url: webhook.url, caBundle: webhook.caBundle },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods/eviction"] }],
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": NAMESPACE } },
      },
    ],
  } as KubernetesObject);
  await wait(2_000);
  const pod = (await snapshot()).pods[0] as Pod;
  const order = orderFor({ kind: "node-drain", durationMs: 60_000 }, [pod], { node: pod.node });
  const result = await injector.inject(order, deadline());
  expect(result).toMatchObject({ kind: "not-injected", why: expect.stringContaining("not on Fridays") });
  expect(JSON.stringify(result)).toContain("denied the request");
  expect(await injector.wasDone(order, deadline())).toBe("not-done");
  expect((await snapshot()).nodes.find((node) => node.name === pod.node)?.schedulable).toBe(true);
});

/** A webhook on loopback that denies whatever it is asked. */
async function denyingWebhook(
  message: string,
): Promise<AsyncDisposable & { readonly url: string; readonly caBundle: string }> {
  const folder = mkdtempSync(join(tmpdir(), "aftershock-webhook-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const names = ["-subj", "/CN=keep", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync(
    findProgram("openssl") ?? "",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert, ...names],
    { stdio: "ignore" },
  );
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    void json(request).then((review) => {
      const { uid } = (review as { request: { uid: string } }).request;
      const answer = { uid, allowed: false, status: { code: 403, message } };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: answer }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const caBundle = readFileSync(cert).toString("base64");
  rmSync(folder, { recursive: true });
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    caBundle,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("VirtualServices on a real API server", () => {
  const GROUP = "/apis/networking.istio.io/v1";
  const to = (host: string) => ({ route: [{ destination: { host } }] });
  const service = (name: string, spec: object) =>
    ({
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name, namespace: NAMESPACE },
      spec,
    }) as KubernetesObject;
  const routes = async (name: string): Promise<readonly { readonly fault?: unknown }[]> => {
    const path = named(collectionIn(GROUP, "virtualservices", NAMESPACE), name);
    const found = await client.request<{ spec: { http: object[] } }>({ method: "GET", path }, deadline());
    return found.spec.http;
  };
  const faultedIn = async (name: string) => (await routes(name)).map((route) => route.fault !== undefined);
  const order = () =>
    orderFor({ kind: "http-abort", durationMs: 60_000, httpStatus: 503, percent: 100 }, [], {
      workload: { kind: "StatefulSet", namespace: NAMESPACE, name: "db" },
      services: ["shop/db-primary"],
    });

  test("two for one host: the oldest, which decides, has the fault, and the other has not", async () => {
    await using own = scenery();
    await own.make(service("old", { hosts: ["db-primary"], http: [to("db-primary")] }));
    await wait(1_500);
    await own.make(
      service("new", { hosts: ["db-primary.shop.svc.cluster.local"], http: [to("db-primary.shop.svc.cluster.local")] }),
    );
    const given = order();
    expect(await injector.inject(given, deadline())).toEqual({ kind: "injected" });
    expect([await faultedIn("old"), await faultedIn("new")]).toEqual([[true], [false]]);
    await injector.undo(given, deadline());
    expect(await faultedIn("old")).toEqual([false]);
  });

  test("one for two hosts: only the route that leads to the target has the fault", async () => {
    await using own = scenery();
    const http = [{ match: [{ uri: { prefix: "/db" } }], ...to("db-primary") }, to("front")];
    await own.make(service("both", { hosts: ["db-primary", "front"], http }));
    const given = order();
    expect(await injector.inject(given, deadline())).toEqual({ kind: "injected" });
    expect(await faultedIn("both")).toEqual([true, false]);
    await injector.undo(given, deadline());
    expect(await routes("both")).toEqual(http);
  });
});
