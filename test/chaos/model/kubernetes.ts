import { describeRequest } from "../../../src/adapters/kubernetes/client/request.ts";
import { recorded } from "../../integration/kubernetes/support/serve.ts";
import { conflicts, isListed, type Json, mergePatch, type Stored } from "../../support/kube-objects.ts";
import type { ApiAnswer, ApiAsk } from "./environment.ts";
import type { Call, Entry } from "./history.ts";
import type { Sent } from "./network.ts";
import type { VirtualTime } from "./time.ts";

export const LEASE = "/apis/coordination.k8s.io/v1/namespaces/aftershock/leases/aftershock";
const NAMESPACE = "/namespaces/go-app";
const PODS = `/api/v1${NAMESPACE}/pods`;
const DEPLOYMENTS = `/apis/apps/v1${NAMESPACE}/deployments`;
const REPLICA_SETS = `/apis/apps/v1${NAMESPACE}/replicasets`;
const BUDGETS = `/apis/policy/v1${NAMESPACE}/poddisruptionbudgets`;
const LISTS = [
  "list-pods",
  "list-deployments",
  "list-replicasets",
  "list-services",
  "list-nodes",
  "list-virtualservices",
  "list-poddisruptionbudgets",
];
const INTENT = "aftershock.dev/intent";
const HALT = "aftershock.dev/halt";
const MARK = "aftershock.dev/experiment";

/** A pod that was deleted goes after this, … */
const GRACE_MS = 2_000;
/** … and the one in its place is Ready after this. */
const READY_MS = 9_000;

/**
 * The API server of a small cluster with its controllers, in this process: versions, uids,
 * preconditions, disruption budgets; pods come back by themselves. It writes down what was done to
 * the lease, to pods, nodes and VirtualServices.
 */
export class Kubernetes {
  readonly #time: VirtualTime;
  readonly #write: (entry: Entry) => void;
  readonly #objects = new Map<string, Stored>();
  readonly #watchers = new Set<() => void>();
  #version = 1_000;
  #uids = 0;
  /** How far its clock is ahead. */
  aheadMs = 0;
  /** … as each process has heard it, with the last answer that it got. */
  readonly #told = new Map<string, number>();

  constructor(time: VirtualTime, write: (entry: Entry) => void) {
    this.#time = time;
    this.#write = write;
    for (const name of LISTS) {
      const { url, response } = recorded(name);
      const folder = url.split("?")[0] ?? "";
      for (const item of response.items as Stored[])
        this.#put(`${folder}/${item.metadata.name}`, structuredClone(item));
    }
    this.#put("/api/v1/namespaces/go-app", structuredClone(recorded("get-namespace").response) as Stored);
    this.#count();
  }

  get shownMs(): number {
    return this.#time.nowMs + this.aheadMs;
  }

  lease(): object | null {
    return structuredClone(this.#objects.get(LEASE) ?? null);
  }

  /** Called after each change of the lease; answers how to end that. */
  watchLease(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  }

  /** Another process takes the lease, as after a long silence. */
  steal(): void {
    const lease = this.#objects.get(LEASE);
    if (lease === undefined) return;
    const spec = lease.spec as Json;
    const leaseTransitions = Number(spec.leaseTransitions ?? 0) + 1;
    this.#put(LEASE, { ...lease, spec: { ...spec, holderIdentity: "stranger", leaseTransitions } });
    this.#leaseChanged("stranger", lease);
  }

  /** A pod of this workload dies by itself, and one takes its place. */
  loseOne(workload: string): void {
    const [path] =
      this.#podsOf(workload)
        .filter(([, pod]) => isReady(pod))
        .at(-1) ?? [];
    if (path !== undefined) this.#replace(path, 0);
  }

  /** This pod dies by itself, and another one takes its place and its name. */
  reuse(name: string): void {
    this.#replace(`${PODS}/${name}`, 0, true);
  }

  handle({ method, url, body = "{}", experiment }: ApiAsk, by: string, { askedMs, sentMs, copy }: Sent): ApiAnswer {
    const request = describeRequest(method, `http://server${url}`);
    const { pathname, searchParams } = new URL(url, "http://server");
    const sent = JSON.parse(body) as Json;
    const { resource, subresource, verb } = request;
    const knownAheadMs = this.#told.get(by) ?? this.aheadMs;
    const answer = (status: number, value: object): ApiAnswer => {
      this.#told.set(by, this.aheadMs);
      return { status, body: JSON.stringify(value), dateMs: Math.floor(this.shownMs / 1000) * 1000 };
    };
    const refuse = (code: number, reason: string, more: Json = {}): ApiAnswer =>
      answer(code, { kind: "Status", status: "Failure", reason, message: `refused: ${reason}`, code, ...more });
    if (resource === "selfsubjectaccessreviews") return answer(201, { status: { allowed: true } });
    if (resource === "selfsubjectreviews") return answer(201, { status: { userInfo: { username: by } } });
    if (resource === "events") return answer(201, sent);
    const path = subresource === null ? pathname : pathname.slice(0, pathname.lastIndexOf("/"));
    if (verb === "list") return answer(200, this.#list(path, searchParams));
    const now = this.#objects.get(path);
    if (verb === "get") return now === undefined ? refuse(404, "NotFound") : answer(200, now);

    const breaks = callVerb(request, body);
    const object = `${resource} ${request.name ?? (sent.metadata as Json | undefined)?.name ?? ""}`;
    const uid = resource === "pods" ? (now?.metadata.uid ?? null) : null;
    const note = (result: ApiAnswer): ApiAnswer => {
      const applied = result.status < 300;
      if (breaks !== null) {
        const shownMs = sentMs + knownAheadMs;
        const call = { on: "call", askedMs, sentMs, shownMs, verb: breaks, object, uid, applied, copy } as const;
        this.#write({ atMs: this.#time.nowMs, by, ...call, experiment: experiment ?? "?" });
      }
      return result;
    };
    if (verb === "create" && subresource === null) {
      const created = `${path}/${String((sent.metadata as Json).name)}`;
      if (this.#objects.has(created)) return note(refuse(409, "AlreadyExists"));
      const stored = this.#put(created, sent as Stored);
      return note(answer(201, this.#changed(created, undefined, stored, by)));
    }
    if (now === undefined) return note(refuse(404, "NotFound"));
    if (conflicts(now, sent)) return note(refuse(409, "Conflict"));
    if (resource === "pods") {
      if (subresource === "eviction" && !this.#budgetAllows(now)) {
        const details = { causes: [{ reason: "DisruptionBudget", message: "The disruption budget needs its pods." }] };
        return note(refuse(429, "TooManyRequests", { details }));
      }
      const done = note(answer(200, now));
      this.#replace(path, sent.gracePeriodSeconds === 0 ? 0 : GRACE_MS);
      return done;
    }
    if (verb === "delete") {
      this.#objects.delete(path);
      this.#changed(path, now, undefined, by);
      return note(answer(200, now));
    }
    const next = verb === "update" ? sent : (mergePatch(now, sent) as Json);
    const stored = this.#put(path, {
      ...next,
      metadata: { ...(next.metadata as Json), uid: now.metadata.uid },
    } as Stored);
    return note(answer(200, this.#changed(path, now, stored, by)));
  }

  /** Writes down what a change means. */
  #changed(path: string, before: Stored | undefined, after: Stored | undefined, by: string): Stored {
    if (path === LEASE) this.#leaseChanged(by, before, after);
    const marks = [before, after].map((one) => one?.metadata.annotations?.[MARK] ?? null);
    if (path !== LEASE && marks[0] !== marks[1])
      this.#write({ atMs: this.#time.nowMs, by, on: "fault", object: path, experiment: marks[1] ?? null });
    return (after ?? before) as Stored;
  }

  #leaseChanged(by: string, before?: Stored, after = this.#objects.get(LEASE)): void {
    const spec = (after?.spec ?? {}) as Json;
    const text = after?.metadata.annotations?.[INTENT];
    const noted = text === undefined ? null : (JSON.parse(text) as { experimentId: string; outcome: string | null });
    const atMs = this.#time.nowMs;
    this.#write({
      atMs,
      by,
      on: "lease",
      holder: String(spec.holderIdentity ?? ""),
      token: Number(spec.leaseTransitions ?? 0),
      intent: noted && { id: noted.experimentId, outcome: noted.outcome },
    });
    const [was, is] = [before, after].map((one) => one?.metadata.annotations?.[HALT]);
    if (was === undefined && is !== undefined) this.#write({ atMs, by, on: "halt", state: "written" });
    if (was !== undefined && is === undefined) this.#write({ atMs, by, on: "halt", state: "lifted" });
    for (const changed of this.#watchers) changed();
  }

  #put(path: string, object: Stored): Stored {
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    const stored = { ...object, metadata: { ...metadata, uid: metadata.uid ?? this.#newUid() } };
    this.#objects.set(path, stored);
    return stored;
  }

  #newUid(): string {
    this.#uids += 1;
    return `00000000-0000-4000-8000-${String(this.#uids).padStart(12, "0")}`;
  }

  #podsOf(workload: string): [string, Stored][] {
    return [...this.#objects].filter(([path, pod]) => path.startsWith(`${PODS}/`) && workloadOf(pod) === workload);
  }

  /** What kubelet and ReplicaSet controller do with a pod that has to go. */
  #replace(path: string, graceMs: number, named = false): void {
    const pod = this.#objects.get(path);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    const workload = workloadOf(pod);
    const tell = (uid: string, state: "ready" | "unready" | "gone") =>
      this.#write({ atMs: this.#time.nowMs, by: "kubelet", on: "pod", workload, uid, state });
    const deletionTimestamp = timeText(this.shownMs + graceMs);
    this.#put(path, { ...pod, metadata: { ...pod.metadata, deletionTimestamp } });
    const go = (): void => {
      this.#objects.delete(path);
      tell(pod.metadata.uid, "gone");
    };
    if (graceMs === 0) go();
    else {
      tell(pod.metadata.uid, "unready");
      this.#time.later(graceMs, go);
    }
    const uid = this.#newUid();
    const name = named ? pod.metadata.name : `${String(pod.metadata.generateName)}${uid.slice(-5)}`;
    const at = timeText(this.shownMs);
    const { deletionTimestamp: _gone, ...rest } = pod.metadata;
    const metadata = { ...rest, name, uid, creationTimestamp: at } as Stored["metadata"];
    const next = `${PODS}/${name}`;
    this.#put(next, withReady({ ...pod, metadata }, "False", at));
    tell(uid, "unready");
    this.#time.later(READY_MS, () => {
      const born = this.#objects.get(next);
      if (born?.metadata.uid !== uid || born.metadata.deletionTimestamp !== undefined) return;
      this.#put(next, withReady(born, "True", timeText(this.shownMs)));
      tell(uid, "ready");
      this.#count();
    });
    this.#count();
  }

  /** Counts of Deployments, ReplicaSets and disruption budgets. */
  #count(): void {
    for (const [path, object] of [...this.#objects]) {
      const isBudget = path.startsWith(`${BUDGETS}/`);
      if (!isBudget && !path.startsWith(`${DEPLOYMENTS}/`) && !path.startsWith(`${REPLICA_SETS}/`)) continue;
      const ready = this.#podsOf(String(object.metadata.labels?.app ?? object.metadata.name)).filter(([, pod]) =>
        isReady(pod),
      ).length;
      const status = object.status as Json;
      const counts = isBudget
        ? { currentHealthy: ready, disruptionsAllowed: Math.max(0, ready - Number((object.spec as Json).minAvailable)) }
        : { readyReplicas: ready, availableReplicas: ready };
      this.#objects.set(path, { ...object, status: { ...status, ...counts } });
    }
  }

  #budgetAllows(pod: Stored): boolean {
    const budget = this.#objects.get(`${BUDGETS}/${workloadOf(pod)}`);
    return budget === undefined || Number((budget.status as Json).disruptionsAllowed) > 0;
  }

  #list(path: string, query: URLSearchParams): object {
    const everywhere = /^(\/apis\/[^/]+\/[^/]+)\/(\w+)$/.exec(path);
    const inside = (at: string): boolean =>
      everywhere === null
        ? at.startsWith(`${path}/`) && !at.slice(path.length + 1).includes("/")
        : at.startsWith(`${everywhere[1]}/namespaces/`) && at.split("/").at(-2) === everywhere[2];
    return {
      kind: "List",
      metadata: { resourceVersion: String(this.#version) },
      items: [...this.#objects].filter(([at, object]) => inside(at) && isListed(object, query)).map(([, one]) => one),
    };
  }
}

function callVerb(
  { resource, subresource, verb }: ReturnType<typeof describeRequest>,
  body: string,
): Call["verb"] | null {
  if (resource === "pods") return subresource === "eviction" ? "evict" : verb === "delete" ? "delete" : null;
  if (resource === "nodes") return body.includes('"unschedulable":true') ? "cordon" : null;
  const marked = body.includes(`"${MARK}":"`);
  return resource === "virtualservices" && marked && (verb === "create" || verb === "patch") ? "route" : null;
}

const workloadOf = ({ metadata }: Stored): string => metadata.labels?.app ?? "";

const timeText = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace(".000", "");

const conditionsOf = (pod: Stored) => ((pod.status as Json).conditions ?? []) as (Json & { type: string })[];

const isReady = (pod: Stored): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  conditionsOf(pod).some(({ type, status }) => type === "Ready" && status === "True");

function withReady(pod: Stored, status: "True" | "False", at: string): Stored {
  const conditions = conditionsOf(pod).map((one) =>
    one.type === "Ready" || one.type === "ContainersReady" ? { ...one, status, lastTransitionTime: at } : one,
  );
  return { ...pod, status: { ...(pod.status as Json), conditions } };
}
