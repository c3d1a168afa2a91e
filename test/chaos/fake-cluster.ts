import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { type ApiRequest, describeRequest } from "../../src/adapters/kubernetes/client/request.ts";
import { recorded } from "../integration/kubernetes/support/serve.ts";
import { type TinyApi, tinyApi } from "../integration/kubernetes/support/tiny-api.ts";

type Json = Record<string, unknown>;
interface Listed {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/**
 * What may go wrong with one request that changes something. Another replica takes the lease just
 * before it arrives: the first write to the lease (`steal-lease`), the second, which carries the
 * intent (`steal-intent`), or the order itself (`steal-late`), when no lease can hold it back any
 * more.
 */
export const TROUBLES = ["hang", "cut", "twice", "late", "error", "steal-lease", "steal-intent", "steal-late"] as const;
export type Trouble = (typeof TROUBLES)[number];

/** A request that changed something in the cluster, and whose it was. */
export interface Change {
  readonly request: ApiRequest;
  /** Pod, node or VirtualService, with its uid where it has one. */
  readonly object: string;
  /** Bearer token of the process that sent it. */
  readonly by: string;
  readonly applied: boolean;
  /** The network delivered it a second time. */
  readonly copy: boolean;
  readonly injects: boolean;
}

export interface FakeCluster extends AsyncDisposable {
  readonly url: string;
  readonly changes: Change[];
  /** Time for what the controllers make. */
  nowMs: number;
  /**
   * Asked at each request that changes something, before it is applied and after; it answers never
   * when the worker is killed there.
   */
  at: (name: string, by: string) => Promise<void>;
  trouble: ((request: ApiRequest, by: string) => Trouble | null) | null;
  /** Faults of ours that still stand. */
  standing(): readonly string[];
}

const NODES = "/api/v1/nodes";
const LEASE = "/apis/coordination.k8s.io/v1/namespaces/aftershock/leases/aftershock";
const SERVICES = "/apis/networking.istio.io/v1/namespaces/go-app/virtualservices";
const LISTS = [
  "list-pods",
  "list-deployments",
  "list-replicasets",
  "list-services",
  "list-nodes",
  "list-virtualservices",
];
const LATE_MS = 50;

/**
 * The recorded cluster of the story behind a proxy on loopback: pods come back by themselves, and
 * each change can be cut off before or after it happened.
 */
export async function fakeCluster(nowMs: number): Promise<FakeCluster> {
  const api = await tinyApi();
  const pods: string[] = [];
  const known = new Set<string>();
  const put = (path: string, object: Json): void => {
    known.add(path);
    api.put(path, object);
  };
  for (const name of LISTS) {
    const { url, response } = recorded(name);
    const folder = url.split("?")[0] ?? "";
    for (const item of response.items as Listed[]) put(`${folder}/${item.metadata.name}`, item as unknown as Json);
    if (name === "list-pods")
      pods.push(...(response.items as Listed[]).map((item) => `${folder}/${item.metadata.name}`));
  }
  put("/api/v1/namespaces/go-app", recorded("get-namespace").response as Json);

  const fake: Omit<FakeCluster, "url" | typeof Symbol.asyncDispose> = {
    changes: [],
    nowMs,
    at: async () => undefined,
    trouble: null,
    standing: () => standing(api, known),
  };
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const method = incoming.method ?? "GET";
    const url = `${api.url}${incoming.url ?? "/"}`;
    const request = describeRequest(method, url);
    const body = await buffer(incoming);
    if (request.resource === "selfsubjectaccessreviews") return answer(outgoing, 201, { status: { allowed: true } });
    const forward = () => fetch(url, { method, headers: headersOf(incoming), ...(body.length > 0 ? { body } : {}) });
    if (method === "GET" || request.resource === "events") return pass(outgoing, await forward());
    const by = incoming.headers.authorization ?? "";
    const name = `${request.verb} ${request.resource}${request.subresource === null ? "" : `/${request.subresource}`}`;
    await fake.at(`before ${name}`, by);
    const trouble = fake.trouble?.(request, by) ?? null;
    if (trouble === "error") return answer(outgoing, 500, { kind: "Status", message: "etcd leader changed" });
    if (trouble?.startsWith("steal-")) steal(api);
    if (trouble === "late") await new Promise((resolve) => setTimeout(resolve, LATE_MS));
    const before = objectOf(api, request, url);
    let response = await forward();
    note(request, before, body, { applied: response.ok, by, copy: false });
    if (trouble === "twice") {
      response = await forward();
      note(request, before, body, { applied: response.ok, by, copy: true });
    }
    await fake.at(`after ${name}`, by);
    replaceLost();
    if (trouble === "hang") return;
    if (trouble === "cut") return void outgoing.destroy();
    await pass(outgoing, response);
  }

  function note(request: ApiRequest, object: string, body: Buffer, how: Pick<Change, "applied" | "by" | "copy">): void {
    const { applied } = how;
    fake.changes.push({ request, object, ...how, injects: injects(request, body) });
    if (applied && request.resource === "virtualservices" && request.verb === "create") {
      known.add(`${SERVICES}/${(JSON.parse(body.toString()) as Listed).metadata.name}`);
    }
  }

  /**
   * What the ReplicaSet controller and the kubelet do: a pod that is lost is replaced by a Ready
   * one.
   */
  function replaceLost(): void {
    pods.forEach((path, i) => {
      const pod = api.get(path);
      if (pod !== undefined && pod.metadata.deletionTimestamp === undefined) return;
      const { items } = recorded("list-pods").response as unknown as { items: Listed[] };
      const model = structuredClone(items[i]) as unknown as { metadata: Json; status: { conditions: Json[] } };
      const folder = path.slice(0, path.lastIndexOf("/"));
      const name = `${String(model.metadata.generateName)}${randomUUID().slice(0, 5)}`;
      const at = new Date(Math.floor(fake.nowMs / 1000) * 1000).toISOString();
      Object.assign(model.metadata, { name, uid: randomUUID(), creationTimestamp: at });
      for (const condition of model.status.conditions) condition.lastTransitionTime = at;
      api.remove(path);
      api.put(`${folder}/${name}`, model);
      pods[i] = `${folder}/${name}`;
    });
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(fake, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await api[Symbol.asyncDispose]();
    },
  });
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const type = headers["content-type"];
  return type === undefined ? {} : { "content-type": type };
}

async function pass(outgoing: ServerResponse, response: Response): Promise<void> {
  outgoing.writeHead(response.status, { "content-type": "application/json" });
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

function answer(outgoing: ServerResponse, status: number, body: object): void {
  outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** A request that breaks something, rather than undoes it or keeps the lease. */
function injects({ resource, subresource, verb }: ApiRequest, body: Buffer): boolean {
  const text = body.toString();
  if (resource === "pods") return verb === "delete" || subresource === "eviction";
  if (resource === "nodes") return text.includes('"unschedulable":true');
  const marked = /"aftershock\.dev\/experiment":"/.test(text);
  return resource === "virtualservices" && marked && (verb === "create" || verb === "patch");
}

function objectOf(api: TinyApi, { resource, name }: ApiRequest, url: string): string {
  const path = new URL(url).pathname.replace(/\/eviction$/, "");
  return `${resource} ${name ?? ""} ${String(api.get(path)?.metadata.uid ?? "")}`;
}

/** Another replica took the lease a moment ago. */
function steal(api: TinyApi): void {
  const lease = api.get(LEASE);
  const spec = (lease?.spec ?? {}) as Json;
  const leaseTransitions = Number(spec.leaseTransitions ?? 0) + 1;
  api.put(LEASE, { ...lease, spec: { ...spec, holderIdentity: "", leaseTransitions } });
}

function standing(api: TinyApi, known: ReadonlySet<string>): readonly string[] {
  return [...known]
    .filter((path) => path.startsWith(NODES) || path.startsWith(SERVICES))
    .filter((path) => JSON.stringify(api.get(path)?.metadata.annotations ?? {}).includes("aftershock.dev/experiment"));
}
