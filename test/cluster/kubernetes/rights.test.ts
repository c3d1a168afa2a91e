import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type KubernetesClient } from "../../../src/adapters/kubernetes/client/client.ts";
import { listAll } from "../../../src/adapters/kubernetes/client/lists.ts";
import { eventRecorder } from "../../../src/adapters/kubernetes/events/events.ts";
import { kubernetesInjector } from "../../../src/adapters/kubernetes/faults/injector.ts";
import { watchPods } from "../../../src/adapters/kubernetes/follow/watch.ts";
import { haltWatch } from "../../../src/adapters/kubernetes/lease/halt-watch.ts";
import { kubernetesLease } from "../../../src/adapters/kubernetes/lease/lease.ts";
import { kubernetesReader } from "../../../src/adapters/kubernetes/read/reader.ts";
import { accessQuestions, type Right, rightsFor } from "../../../src/adapters/kubernetes/rights/rights.ts";
import { FAULT_KINDS, type Fault } from "../../../src/core/model/fault.ts";
import {
  allowed,
  clock,
  deadline,
  eventually,
  log,
  NAMESPACE,
  orderFor,
  readyRepeaters,
  scenery,
} from "./support/lab.ts";

const GRANTEE = { namespace: "aftershock-rights-test", serviceAccount: "worker" };
const RIGHTS = rightsFor({
  faults: FAULT_KINDS,
  namespaces: [NAMESPACE],
  ownNamespace: GRANTEE.namespace,
  leaseName: "aftershock",
});
const SECONDS = { durationMs: 60_000 };

/**
 * Asked without the right, and refused here: VirtualServices of all namespaces at once. Where that
 * is not granted, each namespace of the policies is asked (decision 0024).
 */
const TRIED = ["list virtualservices.networking.istio.io *"];

/** `delete pods go-app`, one for each verb. */
const flat = (rights: readonly Right[]): string[] =>
  rights.flatMap(({ namespace, group, resource, verbs }) =>
    verbs.map((verb) => `${verb} ${resource}.${group} ${namespace ?? "*"}`),
  );
const made = (client: KubernetesClient): string[] =>
  client
    .calls()
    .flatMap(({ verb, group, resource, namespaces }) =>
      (namespaces.length === 0 ? ["*"] : namespaces).map((namespace) => `${verb} ${resource}.${group} ${namespace}`),
    );

/**
 * A Job whose pod waits for ever, and an empty StatefulSet: what is read only when there is some.
 */
const JOB = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "rights-test", namespace: NAMESPACE },
  spec: {
    template: {
      metadata: { labels: { "sidecar.istio.io/inject": "false" } },
      spec: { restartPolicy: "Never", nodeSelector: { nowhere: "at-all" }, containers: [{ name: "a", image: "none" }] },
    },
  },
};
const SET = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "rights-test", namespace: NAMESPACE },
  spec: {
    replicas: 0,
    serviceName: "x",
    selector: { matchLabels: { a: "b" } },
    template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "a", image: "none" }] } },
  },
};

/** Only of a Service without a selector are the EndpointSlices read. */
const SERVICE = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "rights-test", namespace: NAMESPACE },
  spec: { ports: [{ name: "http", port: 80 }] },
};

describe("with the rights that `aftershock rbac` prints", () => {
  let admin: KubernetesClient;
  let client: KubernetesClient;
  const stage = scenery();
  beforeAll(async () => {
    admin = connect();
    await stage.make(JOB, SET, SERVICE);
    client = await allowed(admin, stage, RIGHTS, GRANTEE);
    await eventually(
      async () =>
        (await listAll(admin, "pods", NAMESPACE, deadline(), { labelSelector: "job-name=rights-test" })).items.length >
        0,
    );
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await client?.close();
    await admin.close();
  });

  test("everything that the adapter does is allowed, and nothing is granted that it does not do", async () => {
    const signal = deadline();
    const reader = kubernetesReader(client, clock);
    const injector = kubernetesInjector(client, clock, log, { namespaces: async () => [NAMESPACE] });
    const watching = new AbortController();
    const watched = watchPods(client, [NAMESPACE], { pod() {}, trouble: console.warn }, watching.signal);

    const snapshot = await reader.snapshot([NAMESPACE], signal);
    const waiting = snapshot.pods.find((pod) => pod.workload.kind === "Job")!;
    expect(await kubernetesReader(client, clock).pod(waiting, signal)).toMatchObject({
      workload: { kind: "Job", name: "rights-test" },
    });

    for (const kind of ["pod-delete", "pod-evict", "pod-kill"] as const) {
      const [pod] = await readyRepeaters(client);
      expect(await injector.inject(orderFor({ kind }, [pod]), signal)).toEqual({ kind: "injected" });
      expect(await injector.wasDone(orderFor({ kind }, [pod]), signal)).toBe("done");
    }
    const standing: readonly Fault[] = [
      { kind: "node-drain", ...SECONDS },
      { kind: "zone-outage", ...SECONDS },
      { kind: "http-abort", ...SECONDS, httpStatus: 503, percent: 1 },
      { kind: "http-delay", ...SECONDS, delayMs: 10, percent: 1 },
    ];
    for (const fault of standing) {
      const [pod] = await readyRepeaters(client);
      const node = (await reader.snapshot([], signal)).nodes.find((one) => one.name === pod.node)!;
      const order = orderFor(fault, [pod], { node: node.name, zone: node.zone, services: [`${NAMESPACE}/repeater`] });
      expect(await injector.inject(order, signal)).toEqual({ kind: "injected" });
      await injector.undo(order, signal);
    }
    // A VirtualService of somebody's: there the fault is put in and taken out by patch.
    await using theirs = scenery();
    await theirs.make({
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "rights-test", namespace: NAMESPACE },
      spec: { hosts: ["repeater"], http: [{ route: [{ destination: { host: "repeater" } }] }] },
    } as object);
    const merged = orderFor(standing[3]!, [], { services: [`${NAMESPACE}/repeater`] });
    expect(await injector.inject(merged, signal)).toEqual({ kind: "injected" });
    expect(await injector.sweep(merged.expiresMs, () => true, signal)).toHaveLength(1);

    const lease = kubernetesLease(
      client,
      { namespace: GRANTEE.namespace, name: "aftershock", identity: "lab", durationMs: 15_000 },
      clock,
    );
    const hold = await lease.hold(signal);
    await lease.noteIntent(hold!, { experimentId: "lab", t0Ms: 0, target: "none" }, signal);
    const halted = Promise.withResolvers<void>();
    const following = haltWatch(client, lease, { namespace: GRANTEE.namespace, name: "aftershock" }, log).follow(
      (halt) => halt !== null && halted.resolve(),
      watching.signal,
    );
    await lease.halt({ why: "test", by: "lab", atMs: 0 }, signal);
    await halted.promise;
    await lease.resume(signal);
    await lease.release(signal);
    await eventRecorder(client, "lab", {
      ...log,
      warn: (message, fields) => expect.fail(`${message} ${JSON.stringify(fields)}`),
    }).injected(merged, Date.now(), signal);
    watching.abort();
    await Promise.all([watched, following]);

    // A SelfSubjectAccessReview needs no right of ours.
    const asked = [...new Set(made(client))].filter((one) => !one.startsWith("create selfsubject"));
    expect(asked.sort()).toEqual([...new Set([...flat(RIGHTS), ...TRIED])].sort());
  });

  test("the API server says so itself", async () => {
    const answers = await kubernetesReader(client, clock).mayI(accessQuestions(RIGHTS), deadline());
    expect(answers.every((one) => one)).toBe(true);
  });

  test.each([
    { verb: "list", group: "", resource: "secrets", namespace: NAMESPACE },
    { verb: "delete", group: "", resource: "pods", namespace: "kube-system" },
    { verb: "create", group: "", resource: "pods", subresource: "exec", namespace: NAMESPACE },
    { verb: "deletecollection", group: "", resource: "pods", namespace: NAMESPACE },
    { verb: "delete", group: "", resource: "nodes" },
    { verb: "update", group: "coordination.k8s.io", resource: "leases", namespace: GRANTEE.namespace, name: "another" },
  ])("$verb $resource in $namespace stays forbidden", async (question) => {
    expect(await kubernetesReader(client, clock).mayI([question], deadline())).toEqual([false]);
  });
});

test("with the rights of pod-delete alone an eviction is refused with the way out, and the pod lives", async () => {
  await using admin = connect();
  await using stage = scenery();
  const grantee = { namespace: "aftershock-few-rights-test", serviceAccount: "worker" };
  const rights = rightsFor({
    faults: ["pod-delete"],
    namespaces: [NAMESPACE],
    ownNamespace: grantee.namespace,
    leaseName: "aftershock",
  });
  await using client = await allowed(admin, stage, rights, grantee);
  const [pod] = await readyRepeaters(client);
  const injector = kubernetesInjector(client, clock, log);
  const drain = orderFor({ kind: "node-drain", ...SECONDS }, [pod], { node: pod.node });
  for (const order of [orderFor({ kind: "pod-evict" }, [pod]), drain]) {
    expect(await injector.inject(order, deadline())).toMatchObject({
      kind: "not-injected",
      why: expect.stringContaining("aftershock rbac"),
    });
  }
  expect(await kubernetesReader(client, clock).pod(pod, deadline())).toMatchObject({
    uid: pod.uid,
    terminating: false,
  });
});
