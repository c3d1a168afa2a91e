import { isDeepStrictEqual } from "node:util";
import type { Fault } from "../../../../core/model/fault.ts";
import { SECOND_MS } from "../../../../core/model/units.ts";
import { isRecord } from "../../client/status.ts";
import type { HttpRoute } from "./virtual-service.ts";

export type HttpFault = Extract<Fault, { kind: "http-abort" | "http-delay" }>;

/** Whether a destination's host, as a route names it, is one of the target's services. */
export type IsTarget = (host: string) => boolean;

/**
 * Istio's words for the fault:
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection
 */
export function istioFault(fault: HttpFault): Readonly<Record<string, unknown>> {
  const percentage = { value: fault.percent };
  return fault.kind === "http-abort"
    ? { abort: { httpStatus: fault.httpStatus, percentage } }
    : { delay: { fixedDelay: `${fault.delayMs / SECOND_MS}s`, percentage } };
}

/** Why these routes cannot carry a fault that hits the target and nothing else, or null. */
export function whyNotFaulted(routes: readonly HttpRoute[], isTarget: IsTarget): string | null {
  if (routes.length === 0) return "it has no HTTP routes";
  if (routes.some((route) => route.fault !== undefined)) return "it already injects a fault";
  if (routes.some((route) => route.delegate !== undefined)) return "it delegates routes to another one";
  const led = routes
    .filter(actsInMesh)
    .map(destinationsOf)
    .filter((hosts) => hosts.length > 0);
  if (led.length === 0) return "none of its routes leads to a destination";
  const mixed = led.find((hosts) => hosts.some(isTarget) && !hosts.every(isTarget));
  if (mixed !== undefined) {
    return `one of its routes shares its requests between the target and ${mixed.find((host) => !isTarget(host))}`;
  }
  return led.some((hosts) => hosts.every(isTarget)) ? null : "none of its routes leads to the target";
}

/**
 * The same routes, with the fault on each that leads to the target alone: matches, weights,
 * timeouts and retries stay as they are.
 */
export function withFault(
  routes: readonly HttpRoute[],
  fault: Readonly<Record<string, unknown>>,
  isTarget: IsTarget,
): HttpRoute[] {
  return routes.map((route) => {
    const hosts = actsInMesh(route) ? destinationsOf(route) : [];
    return hosts.length > 0 && hosts.every(isTarget) ? { ...route, fault } : route;
  });
}

/** Whether calls inside the mesh can take it: not one that is for gateways in every match. */
export function actsInMesh({ match }: HttpRoute): boolean {
  if (!Array.isArray(match) || match.length === 0) return true;
  return match.some(
    (one: unknown) =>
      !isRecord(one) || !Array.isArray(one.gateways) || one.gateways.length === 0 || one.gateways.includes("mesh"),
  );
}

/** Takes our fault out again, and only ours: whatever somebody else changed in between stays. */
export function withoutFault(routes: readonly HttpRoute[], fault: unknown): HttpRoute[] {
  return routes.map((route) => {
    if (!isDeepStrictEqual(route.fault, fault)) return route;
    const { fault: _ours, ...rest } = route;
    return rest;
  });
}

/**
 * Hosts that a route leads to, whatever their weight; one that cannot be read is `?`, which is
 * nobody's.
 */
function destinationsOf({ route }: HttpRoute): string[] {
  if (!Array.isArray(route)) return [];
  return route.map((one: unknown) => {
    const destination = isRecord(one) ? one.destination : undefined;
    return isRecord(destination) && typeof destination.host === "string" ? destination.host : "?";
  });
}
