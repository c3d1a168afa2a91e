/**
 * Records `fixtures/kubernetes/` from a real cluster: `KUBECONFIG=… node test/cluster/kubernetes/record-fixtures.ts`, with the go-app example
 * running in namespace `go-app`. It deletes and evicts pods there, and leaves nothing behind.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { connect, type KubernetesClient } from "../../../src/adapters/kubernetes/client.ts";
import { eventRecorder } from "../../../src/adapters/kubernetes/events.ts";
import { kubernetesInjector } from "../../../src/adapters/kubernetes/faults.ts";
import { loadKubeconfig } from "../../../src/adapters/kubernetes/kubeconfig.ts";
import { kubernetesLease } from "../../../src/adapters/kubernetes/lease.ts";
import { kubernetesReader } from "../../../src/adapters/kubernetes/reader.ts";
import { describeRequest } from "../../../src/adapters/kubernetes/request.ts";
import { transport } from "../../../src/adapters/kubernetes/transport.ts";
import { watchPods } from "../../../src/adapters/kubernetes/watch.ts";
import type { Pod } from "../../../src/core/model/cluster.ts";
import type { Fault } from "../../../src/core/model/fault.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { InjectionOrder } from "../../../src/ports/faults.ts";
import { type Exchange, recordingProxy } from "./support/recording-proxy.ts";
import { trimmed } from "./support/trim.ts";

const NAMESPACE = "go-app";
const out = new URL("../../../fixtures/kubernetes/", import.meta.url);
const signal = AbortSignal.timeout(180_000);
const clock: Clock = { nowMs: () => Date.now(), sleep: (ms, signal) => wait(ms, undefined, { signal }) };
const log = { debug() {}, info() {}, warn: console.warn, error: console.error };

const config = loadKubeconfig({});
const server = config.getCurrentCluster()!.server;
const proxy = await recordingProxy(server, transport(config));
const open = (user: object, url = proxy.url): KubernetesClient => {
  const path = join(tmpdir(), `aftershock-record-${process.pid}.json`);
  const cluster = { name: "c", cluster: { server: url } };
  const context = { name: "x", context: { cluster: "c", user: "u" } };
  writeFileSync(
    path,
    JSON.stringify({ clusters: [cluster], contexts: [context], users: [{ name: "u", user }], "current-context": "x" }),
  );
  return connect({ kubeconfig: path });
};
const client = open({});
const reader = kubernetesReader(client, clock);
const injector = kubernetesInjector(client, clock, log);
const podsOf = async (name: string): Promise<readonly Pod[]> => {
  for (;;) {
    const pods = await reader.podsOf({ kind: "Deployment", namespace: NAMESPACE, name }, signal);
    if (pods.length > 1 && pods.every((pod) => pod.ready && !pod.terminating)) return pods;
    await wait(500);
  }
};
const order = (kind: "pod-delete" | "pod-evict" | "pod-kill", pod: Pod): InjectionOrder => ({
  experimentId: `record-${kind}`,
  fault: { kind } satisfies Fault,
  target: { workload: pod.workload, services: [], pods: [pod], node: pod.node, zone: null },
  expiresMs: 0,
});
const saved: string[] = [];
const save = (name: string, exchange: Exchange | undefined): void => {
  if (exchange === undefined) throw new Error(`nothing recorded for ${name}`);
  const { contentType, requestBody, responseBody, ...rest } = exchange;
  const request = requestBody === "" ? {} : { contentType, request: trimmed(requestBody) };
  writeFileSync(
    new URL(`${name}.json`, out),
    `${JSON.stringify({ ...rest, ...request, response: trimmed(responseBody) }, null, 2)}\n`,
  );
  saved.push(name);
};
const last = (match: (exchange: Exchange) => boolean) => proxy.exchanges.findLast(match);
const of = (method: string, part: string, status: number) =>
  last((one) => one.method === method && one.url.includes(part) && one.status === status);

mkdirSync(out, { recursive: true });
await podsOf("repeater");
const watching = new AbortController();
const watched = watchPods(client, [NAMESPACE], { pod() {}, trouble: console.warn }, watching.signal);
await reader.snapshot([NAMESPACE], signal);
await reader.namespaces(signal);
for (const list of [
  "pods",
  "services",
  "deployments",
  "replicasets",
  "statefulsets",
  "daemonsets",
  "poddisruptionbudgets",
  "horizontalpodautoscalers",
]) {
  save(`list-${list}`, of("GET", `/${list}?limit=500`, 200));
}
save("list-nodes", of("GET", "/nodes?limit", 200));
save("list-namespaces", of("GET", "/api/v1/namespaces?limit", 200));
save(
  "get-namespace",
  last((one) => one.url === `/api/v1/namespaces/${NAMESPACE}`),
);

const [first, second] = (await podsOf("repeater")) as [Pod, Pod];
await reader.pod(first, signal);
save("get-pod", of("GET", `/pods/${first.name}`, 200));
save("get-replicaset", of("GET", "/replicasets/", 200));
await reader.pod({ namespace: NAMESPACE, name: "nobody" }, signal);
save("get-pod-404", of("GET", "/pods/nobody", 404));
await reader.mayI([{ verb: "delete", group: "", resource: "pods", namespace: NAMESPACE }], signal);
save("selfsubjectaccessreview", of("POST", "selfsubjectaccessreviews", 201));

await injector.inject(order("pod-delete", { ...first, uid: "00000000-0000-0000-0000-000000000000" }), signal);
save("delete-pod-409-uid", of("DELETE", "/pods/", 409));
await injector.inject(order("pod-delete", first), signal);
save("delete-pod-200", of("DELETE", "/pods/", 200));
await injector.wasDone(order("pod-delete", first), signal);
save("get-pod-terminating", of("GET", `/pods/${first.name}`, 200));
await eventRecorder(client, "record", log).injected(order("pod-delete", first), Date.now(), signal);
save("create-event", of("POST", "/events", 201));
await client.call(signal, (o) =>
  client.events.deleteNamespacedEvent({ namespace: NAMESPACE, name: "aftershock-record-pod-delete" }, o),
);

const budget = {
  metadata: { name: "repeater", namespace: NAMESPACE },
  spec: { minAvailable: 2, selector: { matchLabels: { app: "repeater" } } },
};
await podsOf("repeater");
await client.call(signal, (o) =>
  client.policy.createNamespacedPodDisruptionBudget({ namespace: NAMESPACE, body: budget }, o),
);
await wait(1_500);
await reader.snapshot([NAMESPACE], signal);
save("list-poddisruptionbudgets", of("GET", "/poddisruptionbudgets?limit=500", 200));
await injector.inject(order("pod-evict", second), signal);
save("evict-pod-429-budget", of("POST", "/eviction", 429));
await client.call(signal, (o) =>
  client.policy.deleteNamespacedPodDisruptionBudget({ namespace: NAMESPACE, name: "repeater" }, o),
);
await wait(1_000);
await injector.inject(order("pod-evict", second), signal);
save("evict-pod-201", of("POST", "/eviction", 201));
const [third] = (await podsOf("repeater")) as [Pod];
await injector.inject(order("pod-kill", third), signal);
save("kill-pod-200", of("DELETE", "/pods/", 200));
await injector.inject(order("pod-kill", third), signal);
save("delete-pod-404", of("DELETE", "/pods/", 404));

const lease = (identity: string) =>
  kubernetesLease(client, { namespace: NAMESPACE, name: "aftershock", identity, durationMs: 15_000 }, clock);
const [ours, theirs] = [lease("worker-a"), lease("worker-b")];
const held = await ours.hold(signal);
save("get-lease-404", of("GET", "/leases/", 404));
save("create-lease", of("POST", "/leases", 201));
await theirs.hold(signal);
save("get-lease", of("GET", "/leases/", 200));
await ours.noteIntent(held!, { experimentId: "record-1", t0Ms: Date.now(), target: "pod go-app/repeater" }, signal);
save("update-lease", of("PUT", "/leases/", 200));
await theirs.halt({ why: "rehearsal", by: "somebody", atMs: Date.now() }, signal);
save("patch-lease-halt", of("PATCH", "/leases/", 200));
await ours.hold(signal);
save("update-lease-409", of("PUT", "/leases/", 409));
await theirs.resume(signal);
save("patch-lease-resume", of("PATCH", "/leases/", 200));
await ours.release(signal);
const made = of("POST", "/leases", 201)!;
await client
  .call(signal, (o) =>
    client.coordination.createNamespacedLease({ namespace: NAMESPACE, body: JSON.parse(made.requestBody) }, o),
  )
  .catch(() => 0);
save("create-lease-409", of("POST", "/leases", 409));
await client.call(signal, (o) =>
  client.coordination.deleteNamespacedLease({ namespace: NAMESPACE, name: "aftershock" }, o),
);
await theirs.resume(signal);
save("patch-lease-404", of("PATCH", "/leases/", 404));

watching.abort();
await watched;
await wait(200);
const watch = of("GET", "watch=true", 200)!;
const events = watch.responseBody.split("\n").filter((line) => line !== "");
const some = ["ADDED", "MODIFIED", "DELETED"].flatMap((type) =>
  events.filter((line) => line.includes(`"type":"${type}"`)).slice(0, 2),
);
writeFileSync(new URL("watch-pods.ndjson", out), some.map((line) => `${JSON.stringify(trimmed(line))}\n`).join(""));
const old = new AbortController();
const body = await client
  .stream(`/api/v1/namespaces/${NAMESPACE}/pods`, { watch: "true", resourceVersion: "1" }, old.signal)
  .catch(() => null);
if (body !== null) await new Response(body).text();
save(
  "watch-pods-410",
  last((one) => one.url.includes("resourceVersion=1&") || one.url.endsWith("resourceVersion=1")),
);

const nobody = open({ as: "nobody" });
await kubernetesReader(nobody, clock)
  .podsOf(first.workload, signal)
  .catch(() => 0);
save("list-pods-403", of("GET", "/pods?limit", 403));
await kubernetesInjector(nobody, clock, log).inject(order("pod-delete", first), signal);
save("delete-pod-403", of("DELETE", "/pods/", 403));
const unknown = loadKubeconfig({});
unknown.users = unknown.users.map(({ name }) => ({ name, token: "not-a-token" }));
const locked = await recordingProxy(server, transport(unknown));
const stranger = open({}, locked.url);
await kubernetesReader(stranger, clock)
  .podsOf(first.workload, signal)
  .catch(() => 0);
save("list-pods-401", locked.exchanges[0]);
await locked.close();

/** What the recorder itself does to set the scene is not the adapter's. */
const scenery = /budgets(\/|$)|events\/|^DELETE.*leases|\?watch=true&resourceVersion=1$/;
const calls = new Set(
  proxy.exchanges
    .filter((one) => !scenery.test(`${one.method} ${one.url}`) || one.url.includes("?limit"))
    .map(({ method, url, contentType }) => {
      const type = contentType !== null && method !== "GET" ? `  ${contentType}` : "";
      return `${method} ${describeRequest(method, `http://server${url}`).template}${type}`;
    }),
);
writeFileSync(new URL("calls.txt", out), `${[...calls].sort().join("\n")}\n`);
await Promise.all([client, nobody, stranger].map((one) => one.close()));
await proxy.close();
console.log(`${saved.length} answers, ${calls.size} kinds of calls`);
