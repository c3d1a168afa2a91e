import type { ServiceId } from "../../../../core/model/cluster.ts";
import type { RouteLimits } from "../../../../core/model/route-limits.ts";
import type { LimitsReader } from "../../../../ports/routes.ts";
import type { KubernetesClient } from "../../client/client.ts";
import { isRecord } from "../../client/status.ts";
import { readRoutes } from "./http-fault.ts";
import { decidingFor, FAULT_LABEL } from "./http-plan.ts";
import { actsInMesh as routeActs } from "./http-routes.ts";
import { actsInMesh, type HttpRoute, routesOf, type VirtualService } from "./virtual-service.ts";
import { virtualServiceApi } from "./virtual-service-api.ts";

/**
 * Reads limits from VirtualServices, with the rights that faults of HTTP have. DestinationRules are
 * not asked for: they limit connections, and no request.
 * @param namespaces whose VirtualServices are read where those of all may not be
 */
export function limitsReader(
  client: KubernetesClient,
  namespaces: (signal: AbortSignal) => Promise<readonly string[]>,
): LimitsReader {
  const from = { client, api: virtualServiceApi(client), namespaces };
  return {
    async read(services, signal) {
      const own = [...new Set(services.map((service) => service.split("/")[0] ?? ""))];
      const routes = await readRoutes(from, own, signal).catch(() => {
        signal.throwIfAborted();
        return null;
      });
      if (routes === null) return new Map();
      const inMesh = routes.services.filter(actsInMesh);
      return new Map(
        services.flatMap((service) => {
          const limits = routes.whyRouted([service]) === null ? limitsOf(service, inMesh) : null;
          return limits === null ? [] : [[service, limits] as const];
        }),
      );
    },
  };
}

/**
 * Without a VirtualService Istio waits without a limit, and repeats what could not be sent:
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute
 */
function limitsOf(service: ServiceId, inMesh: readonly VirtualService[]): RouteLimits | null {
  const { why, deciding } = decidingFor(service, inMesh);
  if (why !== undefined) return null;
  if (deciding === undefined) return { timeout: false, retriesOff: false };
  // with a fault in them Istio follows neither: it says nothing of how they are otherwise
  if (deciding.metadata.labels?.[FAULT_LABEL] !== undefined) return null;
  const routes = routesOf(deciding).filter(routeActs);
  if (routes.length === 0 || routes.some(({ delegate }) => delegate !== undefined)) return null;
  const timeouts = routes.filter(leads).map(hasTimeout);
  if (timeouts.length === 0 || timeouts.includes(null)) return null;
  return { timeout: !timeouts.includes(false), retriesOff: routes.some(isNeverRepeated) };
}

/** One that answers by itself, or sends elsewhere, waits for nobody. */
const leads = ({ route }: HttpRoute): boolean => Array.isArray(route) && route.length > 0;

const isNeverRepeated = ({ retries }: HttpRoute): boolean => isRecord(retries) && retries.attempts === 0;

/** Each try has one, and tries are counted: then all of them together have one, too. */
function hasTimeout({ timeout, retries }: HttpRoute): boolean | null {
  const own = isLimit(timeout);
  return own === false && isRecord(retries) ? isLimit(retries.perTryTimeout) : own;
}

const DURATION = /^(?:\d+(?:\.\d+)?(?:h|m|s|ms|us|ns))+$/;

/** False for none and for `0s`, which is none; null for what is no duration. */
function isLimit(text: unknown): boolean | null {
  if (text === undefined || text === null) return false;
  if (typeof text !== "string" || !DURATION.test(text)) return null;
  return /[1-9]/.test(text);
}
