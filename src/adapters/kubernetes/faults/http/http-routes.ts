import { isDeepStrictEqual } from "node:util";
import type { Fault } from "../../../../core/model/fault.ts";
import { SECOND_MS } from "../../../../core/model/units.ts";
import type { HttpRoute } from "./virtual-service.ts";

export type HttpFault = Extract<Fault, { kind: "http-abort" | "http-delay" }>;

/** Istio's words for the fault: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection */
export function istioFault(fault: HttpFault): Readonly<Record<string, unknown>> {
  const percentage = { value: fault.percent };
  return fault.kind === "http-abort"
    ? { abort: { httpStatus: fault.httpStatus, percentage } }
    : { delay: { fixedDelay: `${fault.delayMs / SECOND_MS}s`, percentage } };
}

/** Why these routes cannot carry a fault of ours, or null. */
export function whyNotFaulted(routes: readonly HttpRoute[]): string | null {
  if (routes.length === 0) return "it has no HTTP routes";
  if (routes.some((route) => route.fault !== undefined)) return "it already injects a fault";
  if (routes.some((route) => route.delegate !== undefined)) return "it delegates routes to another one";
  return routes.some(carriesTraffic) ? null : "none of its routes leads to a destination";
}

/** The same routes, with the fault on each that leads to a destination: matches, weights, timeouts and retries stay as they are. */
export function withFault(routes: readonly HttpRoute[], fault: Readonly<Record<string, unknown>>): HttpRoute[] {
  return routes.map((route) => (carriesTraffic(route) ? { ...route, fault } : route));
}

/** Takes our fault out again, and only ours: whatever somebody else changed in between stays. */
export function withoutFault(routes: readonly HttpRoute[], fault: unknown): HttpRoute[] {
  return routes.map((route) => {
    if (!isDeepStrictEqual(route.fault, fault)) return route;
    const { fault: _ours, ...rest } = route;
    return rest;
  });
}

const carriesTraffic = (route: HttpRoute): boolean => Array.isArray(route.route);
