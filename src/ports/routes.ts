import type { ServiceId } from "../core/model/cluster.ts";
import type { Fault } from "../core/model/fault.ts";
import type { RouteLimits } from "../core/model/route-limits.ts";

/** Why this fault of HTTP could not be put before these services as their routes are; or null. */
export type WhyNotRouted = (fault: Fault, services: readonly ServiceId[]) => string | null;

/**
 * What decides over requests on their way to a service: VirtualServices, routes of the Gateway API.
 */
export interface RoutesReader {
  /**
   * Reads what may act on the services of these namespaces; changes nothing. What cannot be read is
   * a reason. Rejects only with the reason of `signal`.
   */
  read(namespaces: readonly string[], signal: AbortSignal): Promise<WhyNotRouted>;
}

/** Reads what routes set for calls to Services. */
export interface LimitsReader {
  /**
   * A Service of which nobody can tell is left out: routes that may not be read, another mesh, two
   * that contradict. Rejects only with the reason of `signal`.
   */
  read(services: readonly ServiceId[], signal: AbortSignal): Promise<ReadonlyMap<ServiceId, RouteLimits>>;
}
