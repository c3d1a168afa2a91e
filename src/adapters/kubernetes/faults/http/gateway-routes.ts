import type { V1ObjectMeta } from "@kubernetes/client-node";
import type { ServiceId } from "../../../../core/model/cluster.ts";
import { AftershockError, describeError, hasCode } from "../../../../core/model/error.ts";
import type { KubernetesClient } from "../../client/client.ts";
import { collectionIn } from "../../client/paths.ts";
import { isRecord } from "../../client/status.ts";

const GROUP = "/apis/gateway.networking.k8s.io/v1";
/** Those that may act on HTTP and gRPC inside a mesh. */
const KINDS = { httproutes: "HTTPRoute", grpcroutes: "GRPCRoute" } as const;

/** A route of the Gateway API as far as we look into it. */
interface Route {
  readonly metadata?: V1ObjectMeta;
  readonly spec?: { readonly parentRefs?: unknown };
}

/**
 * Reads the routes of the Gateway API in these namespaces. Answers why no VirtualService may be put
 * before one of the Services there, or null: a route is attached to it, and which of the two would
 * decide over its calls is not defined. https://gateway-api.sigs.k8s.io/mesh/
 */
export async function readGatewayRoutes(
  client: KubernetesClient,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<(services: readonly ServiceId[]) => string | null> {
  const plurals = Object.keys(KINDS) as (keyof typeof KINDS)[];
  const asked = namespaces.flatMap((namespace) => plurals.map((plural) => ({ namespace, plural })));
  const answers = await Promise.all(
    asked.map(async (one) => ({ ...one, routes: await list(client, one.plural, one.namespace, signal) })),
  );
  return (services) => {
    const own = new Set(services.map(namespaceOf));
    const about = answers.filter((one) => own.has(one.namespace));
    return about.map((one) => whyRouted(services, one)).find((why) => why !== null) ?? null;
  };
}

const namespaceOf = (service: ServiceId): string => service.split("/")[0] ?? "";

interface Answer {
  readonly namespace: string;
  readonly plural: keyof typeof KINDS;
  readonly routes: readonly Route[] | AftershockError;
}

function whyRouted(services: readonly ServiceId[], { namespace, plural, routes }: Answer): string | null {
  if (routes instanceof AftershockError) return `cannot tell which ${plural} act: ${describeError(routes)}`;
  for (const route of routes) {
    const service = services.find((one) => isAttached(route, namespace, one));
    if (service !== undefined)
      return `${KINDS[plural]} ${namespace}/${route.metadata?.name ?? ""} is attached to Service ${service}, and whether it or a VirtualService decides cannot be told`;
  }
  return null;
}

/** None where the cluster has no Gateway API. */
async function list(
  client: KubernetesClient,
  plural: string,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly Route[] | AftershockError> {
  try {
    const path = collectionIn(GROUP, plural, namespace);
    const { items } = await client.request<{ items?: Route[] }>({ method: "GET", path }, signal);
    return items ?? [];
  } catch (cause) {
    if (hasCode(cause, "cluster-gone")) return [];
    if (hasCode(cause, "cluster-forbidden")) return cause;
    throw cause;
  }
}

/** A parent is a Service only where the reference names the core group, which is the empty one. */
function isAttached({ spec }: Route, own: string, service: ServiceId): boolean {
  const parents: readonly unknown[] = Array.isArray(spec?.parentRefs) ? spec.parentRefs : [];
  return parents.some((one) => {
    if (!isRecord(one) || one.kind !== "Service" || (one.group !== "" && one.group !== "core")) return false;
    return `${typeof one.namespace === "string" ? one.namespace : own}/${one.name}` === service;
  });
}
