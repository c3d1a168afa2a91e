import type { ServiceId, WorkloadRef } from "../../../../core/model/cluster.ts";
import { AftershockError, describeError, hasCode } from "../../../../core/model/error.ts";
import type { InjectionOrder } from "../../../../ports/faults.ts";
import type { Log } from "../../../../ports/log.ts";
import type { RoutesReader } from "../../../../ports/routes.ts";
import type { KubernetesClient } from "../../client/client.ts";
import { fewAtATime } from "../../client/few-at-a-time.ts";
import { retryConflict } from "../../client/retry-conflict.ts";
import type { FaultHandler, Standing } from "../handler.ts";
import { areOf, type MarkedOrder, type Marks, readMarks, sameMarks } from "../marks.ts";
import { readGatewayRoutes } from "./gateway-routes.ts";
import { FAULT_LABEL, type HttpPlan, planHttpFault } from "./http-plan.ts";
import { planRestoration } from "./http-restore.ts";
import type { HttpFault } from "./http-routes.ts";
import type { VirtualService } from "./virtual-service.ts";
import { type VirtualServiceApi, virtualServiceApi } from "./virtual-service-api.ts";

/** Namespaces looked through together for what stands. */
const AT_A_TIME = 16;

/**
 * Aborts or delays requests to the target's services through Istio's VirtualService. The callers'
 * proxies do it, so their timeouts and retries for these routes do not act meanwhile (Istio's own
 * limit).
 * @param namespaces where `standing` looks for what is left behind
 */
export function httpFault(
  client: KubernetesClient,
  namespaces: (signal: AbortSignal) => Promise<readonly string[]>,
  log: Log,
): FaultHandler {
  const api = virtualServiceApi(client);
  const ofExperiment = async (order: MarkedOrder, signal: AbortSignal) => {
    const standing = await standingIn(api, namespacesOf(order), log, signal);
    return standing.filter((one) => areOf(one, order));
  };
  return {
    kinds: ["http-abort", "http-delay"],
    async inject(order, signal) {
      const plans = await planAll({ client, api, namespaces }, order, signal);
      const refusal = plans.find((plan) => plan.kind === "refused");
      if (refusal !== undefined) return { kind: "not-injected", why: refusal.why };
      try {
        for (const plan of plans) await carryOut(api, plan, order, signal);
      } catch (cause) {
        if (!hasCode(cause, "cluster-conflict")) throw cause;
        for (const one of await ofExperiment(order, signal)) await one.undo(signal);
        return { kind: "not-injected", why: describeError(cause) };
      }
      return { kind: "injected" };
    },
    async undo(order, signal, note) {
      for (const one of await ofExperiment(order, signal)) await one.undo(signal, note);
    },
    async wasDone(order, signal) {
      return (await ofExperiment(order, signal)).length > 0 ? "done" : "not-done";
    },
    standing: async (signal) => standingIn(api, await namespaces(signal), log, signal),
  };
}

/** How the fault would be done: one plan for each VirtualService that is to be made or changed. */
async function planAll(from: Sources, order: MarkedOrder, signal: AbortSignal): Promise<readonly HttpPlan[]> {
  if (order.target.services.length === 0) {
    return [{ kind: "refused", why: "the target has no service whose requests could be hit" }];
  }
  return (await readPlanner(from, namespacesOf(order), signal))(order);
}

interface Sources {
  readonly client: KubernetesClient;
  readonly api: VirtualServiceApi;
  readonly namespaces: (signal: AbortSignal) => Promise<readonly string[]>;
}

type Planner = (order: MarkedOrder) => readonly HttpPlan[];

/** What decides over requests to the services of some namespaces. */
interface Routes {
  readonly services: readonly VirtualService[];
  /** Why a route of the Gateway API, or nobody knows which, decides over one of these; or null. */
  readonly whyRouted: (services: readonly ServiceId[]) => string | null;
}

/** Reads what may act on services of these namespaces; null where there are no VirtualServices. */
export async function readRoutes(
  { client, api, namespaces }: Sources,
  own: readonly string[],
  signal: AbortSignal,
): Promise<Routes | null> {
  const lists = await fewAtATime(own, AT_A_TIME, (namespace) => api.list(namespace, signal));
  if (lists.includes(null)) return null;
  const [whyRouted, others] = await Promise.all([
    readGatewayRoutes(client, own, signal),
    listElsewhere(api, () => namespaces(signal), signal),
  ]);
  const found = [...lists, others].flatMap((list) => list ?? []);
  const each = new Map(found.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one]));
  return { services: [...each.values()], whyRouted };
}

/** Reads what may act on services of these namespaces; answers how a fault there would be done. */
async function readPlanner(from: Sources, own: readonly string[], signal: AbortSignal): Promise<Planner> {
  const routes = await readRoutes(from, own, signal);
  if (routes === null)
    return () => [{ kind: "refused", why: "this cluster has no VirtualServices: is Istio installed?" }];
  return (order) => {
    const why = routes.whyRouted(order.target.services);
    if (why !== null) return [{ kind: "refused", why }];
    return planHttpFault(order, httpFaultOf(order), routes.services, from.api.apiVersion());
  };
}

/** Looks how faults of HTTP would be done, and why not. */
export function routesReader(
  client: KubernetesClient,
  namespaces: (signal: AbortSignal) => Promise<readonly string[]>,
): RoutesReader {
  const from = { client, api: virtualServiceApi(client), namespaces };
  return {
    async read(own, signal) {
      const plan = await readPlanner(from, [...new Set(own)], signal).catch((cause: unknown) => {
        signal.throwIfAborted();
        return describeError(cause);
      });
      if (typeof plan === "string") return () => plan;
      return (fault, services) => {
        const target = { workload: NOBODY, services, pods: [], node: null, zone: null };
        const plans = plan({ experimentId: "", fault, target, expiresMs: 0, installation: null });
        return plans.flatMap((one) => (one.kind === "refused" ? [one.why] : []))[0] ?? null;
      };
    },
  };
}

const NOBODY: WorkloadRef = { kind: "Pod", namespace: "", name: "" };

/**
 * VirtualServices of every namespace that may be read: of all at once, or else of those that
 * policies name, one by one.
 */
async function listElsewhere(
  api: VirtualServiceApi,
  namespaces: () => Promise<readonly string[]>,
  signal: AbortSignal,
): Promise<readonly VirtualService[]> {
  const all = await api.list(null, signal).catch(unlessForbidden);
  if (all !== null) return all;
  const lists = await fewAtATime(await namespaces(), AT_A_TIME, (one) => api.list(one, signal).catch(unlessForbidden));
  return lists.flatMap((list) => list ?? []);
}

function unlessForbidden(cause: unknown): null {
  if (hasCode(cause, "cluster-forbidden")) return null;
  throw cause;
}

async function carryOut(
  api: VirtualServiceApi,
  plan: HttpPlan,
  { whyNot }: InjectionOrder,
  signal: AbortSignal,
): Promise<void> {
  if (plan.kind === "create") await api.create(plan.service, signal, whyNot);
  if (plan.kind === "patch") await api.patch(plan.service, plan.change, signal, whyNot);
}

async function standingIn(
  api: VirtualServiceApi,
  namespaces: readonly string[],
  log: Log,
  signal: AbortSignal,
): Promise<Standing[]> {
  const lists = await fewAtATime(namespaces, AT_A_TIME, (namespace) => api.list(namespace, signal, FAULT_LABEL));
  return lists.flatMap((found) =>
    (found ?? []).flatMap((service) => {
      const marks = readMarks(service.metadata.annotations);
      if (marks === null) return [];
      const { namespace = "", name = "" } = service.metadata;
      const undo = (signal: AbortSignal, note?: (what: string) => void) =>
        restore(api, { namespace, name, marks }, log, signal, note);
      return [{ what: `fault in VirtualService ${namespace}/${name}`, ...marks, undo }];
    }),
  );
}

/** Reads it afresh before each try: what others change at the same time is kept. */
async function restore(
  api: VirtualServiceApi,
  { namespace, name, marks }: { readonly namespace: string; readonly name: string; readonly marks: Marks },
  log: Log,
  signal: AbortSignal,
  note?: (what: string) => void,
): Promise<void> {
  let edited = false;
  await retryConflict(async () => {
    const now = await api.get(namespace, name, signal);
    if (now === null || !sameMarks(readMarks(now.metadata.annotations), marks)) return;
    const plan = planRestoration(now);
    if (plan.kind === "remove") return api.remove(now, signal);
    edited = plan.edited;
    return api.patch(now, plan.change, signal);
  });
  if (!edited) return;
  log.warn("VirtualService was edited while its fault stood; the edit is kept", { namespace, name });
  note?.(`VirtualService ${namespace}/${name} was changed by somebody while the fault stood: their change is kept`);
}

function httpFaultOf({ fault }: InjectionOrder): HttpFault {
  if (fault.kind === "http-abort" || fault.kind === "http-delay") return fault;
  throw new AftershockError("usage", `${fault.kind} is not a fault of HTTP`);
}

const namespacesOf = ({ target }: InjectionOrder): string[] => [
  ...new Set(target.services.map((service) => service.split("/")[0] ?? "")),
];
