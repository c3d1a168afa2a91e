import { randomUUID } from "node:crypto";
import type { KubernetesClient } from "../../../../src/adapters/kubernetes/client/client.ts";
import { describeRequest } from "../../../../src/adapters/kubernetes/client/request.ts";
import { eventRecorder } from "../../../../src/adapters/kubernetes/events/events.ts";
import { routesReader } from "../../../../src/adapters/kubernetes/faults/http/http-fault.ts";
import { kubernetesInjector } from "../../../../src/adapters/kubernetes/faults/injector.ts";
import { kubernetesLease } from "../../../../src/adapters/kubernetes/lease/lease.ts";
import { knownWorkloads } from "../../../../src/adapters/kubernetes/read/known-workloads.ts";
import { kubernetesReader } from "../../../../src/adapters/kubernetes/read/reader.ts";
import type { Fault } from "../../../../src/core/model/fault.ts";
import { MINUTE_MS, SECOND_MS } from "../../../../src/core/model/units.ts";
import { bench, world } from "../../../support/app.ts";
import { quietLog } from "./parts.ts";
import { recorded } from "./serve.ts";
import { type TinyApi, tinyApi } from "./tiny-api.ts";

type Json = Record<string, unknown>;
interface Listed extends Json {
  readonly metadata: Json & { readonly name: string; readonly generateName?: string };
  readonly status: { readonly conditions: Json[] };
}

/** One request to the API server, and when in the experiment it was made. */
export interface Made {
  /** `GET pods?labelSelector`, `PUT leases/aftershock`. */
  readonly what: string;
  /** Last event that the journal had when it was sent. */
  readonly after: string;
  /** Requests that are under way together are of one round: they wait for one answer. */
  readonly round: number;
  readonly sinceSlotMs: number;
}

export interface Played {
  readonly requests: readonly Made[];
  /** Events of the experiment. */
  readonly kinds: readonly string[];
}

const LISTS = ["pods", "deployments", "replicasets", "services", "poddisruptionbudgets", "nodes", "virtualservices"];
/** A day after the cluster was recorded: nothing in it is young. */
const SLOT_MS = Date.parse("2026-11-23T09:15:00Z");
const PODS = "/api/v1/namespaces/go-app/pods";

/**
 * One experiment from its slot to its end on the recorded cluster of the story, with the adapters
 * that a worker has: every request to the API server, in order. A pod that is lost is replaced.
 */
export async function playedOn(fault: Fault): Promise<Played> {
  await using api = await tinyApi();
  put(api);
  const requests: Made[] = [];
  let last = "planned";
  let round = 0;
  let underWay = 0;
  const counted: KubernetesClient = {
    ...api.client,
    async request(ask, signal) {
      if (underWay === 0) round += 1;
      underWay += 1;
      requests.push({
        what: nameOf(ask.method, ask.path, ask.query),
        after: last,
        round,
        sinceSlotMs: clock.nowMs() - SLOT_MS,
      });
      try {
        return await api.client.request(ask, signal);
      } finally {
        underWay -= 1;
      }
    },
  };
  const the = world();
  the.faults = [{ fault, weight: 1 }];
  const run = await bench(the, { slotMs: SLOT_MS });
  const { clock } = run;
  clock.moveTo(SLOT_MS);
  api.intercept(({ resource, verb }) => {
    if (resource === "pods" && verb === "list") replaceLost(api, clock.nowMs());
    return resource === "selfsubjectaccessreviews" ? { code: 201, body: { status: { allowed: true } } } : undefined;
  });
  const known = knownWorkloads(() => clock.realMs());
  const events = eventRecorder(counted, "test", quietLog, known.uidOf);
  const lease = kubernetesLease(
    counted,
    { namespace: "aftershock", name: "aftershock", identity: "test", durationMs: 30 * SECOND_MS },
    clock,
  );
  const { append } = run.deps.journal;
  Object.assign(run.deps, {
    cluster: kubernetesReader(counted, clock, "read", known),
    lease,
    halt: lease,
    routes: routesReader(counted, async () => ["go-app"]),
    injector: kubernetesInjector(counted, clock, quietLog, {
      installation: "test",
      events,
      namespaces: async () => ["go-app"],
    }),
    tell: (id: string, event: never, state: never) => events.told(id, event, state, clock.nowMs()),
  });
  run.deps.journal.append = async (stream, seq, written, options) => {
    await append(stream, seq, written, options);
    last = written.at(-1)?.kind ?? last;
  };
  await run.play(SLOT_MS + 60 * MINUTE_MS);
  await events.settled();
  const kinds = await run.kinds();
  return { requests, kinds };
}

function nameOf(method: string, path: string, query: Readonly<Record<string, string>> = {}): string {
  const { resource, name, subresource } = describeRequest(method, path);
  const selectors = Object.keys(query).filter((key) => key !== "limit");
  return `${method} ${[resource, name, subresource].filter((part) => part !== null).join("/")}${selectors.length === 0 ? "" : `?${selectors.join("&")}`}`;
}

function put(api: TinyApi): void {
  for (const resource of LISTS) {
    const { url, response } = recorded(`list-${resource}`);
    for (const item of response.items as Listed[]) api.put(`${url.split("?")[0]}/${item.metadata.name}`, item);
  }
  api.put("/api/v1/namespaces/go-app", recorded("get-namespace").response as Json);
}

/** As the ReplicaSet's controller and the kubelet do. */
function replaceLost(api: TinyApi, nowMs: number): void {
  const { items } = recorded("list-pods").response as unknown as { items: Listed[] };
  for (const item of items) {
    const path = `${PODS}/${item.metadata.name}`;
    const pod = api.get(path);
    const heir = `${PODS}/${item.metadata.name}-2`;
    if ((pod !== undefined && pod.metadata.deletionTimestamp === undefined) || api.get(heir) !== undefined) continue;
    const at = new Date(Math.floor(nowMs / SECOND_MS) * SECOND_MS).toISOString();
    const model = structuredClone(item) as Listed;
    Object.assign(model.metadata, { name: `${item.metadata.name}-2`, uid: randomUUID(), creationTimestamp: at });
    for (const condition of model.status.conditions) condition.lastTransitionTime = at;
    api.remove(path);
    api.put(heir, model);
  }
}
