import type { V1ObjectMeta } from "@kubernetes/client-node";
import type { ServiceId } from "../../../../core/model/cluster.ts";
import { isRecord } from "../../client/status.ts";

/** An Istio VirtualService as far as we look into it; everything else in it is carried along untouched. */
export interface VirtualService {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: V1ObjectMeta;
  readonly spec: Readonly<Record<string, unknown>>;
}

export type HttpRoute = Readonly<Record<string, unknown>>;

/** The names under which a VirtualService of the service's own namespace may mean it. */
export function hostNames(service: ServiceId): string[] {
  const [namespace = "", name = ""] = service.split("/");
  return [name, `${name}.${namespace}`, `${name}.${namespace}.svc`, fullHost(service)];
}

export function fullHost(service: ServiceId): string {
  const [namespace = "", name = ""] = service.split("/");
  return `${name}.${namespace}.svc.cluster.local`;
}

/** Whether it acts on calls inside the mesh at all: without `gateways`, or with `mesh` among them. */
export function actsInMesh({ spec }: VirtualService): boolean {
  return !Array.isArray(spec.gateways) || spec.gateways.length === 0 || spec.gateways.includes("mesh");
}

export const hostsOf = ({ spec }: VirtualService): string[] =>
  Array.isArray(spec.hosts) ? spec.hosts.filter((host) => typeof host === "string") : [];

export const routesOf = ({ spec }: VirtualService): HttpRoute[] =>
  Array.isArray(spec.http) ? spec.http.filter(isRecord) : [];

/** Whether `*.example` in a VirtualService would match this host. */
export const wildcardMatches = (pattern: string, host: string): boolean =>
  pattern.startsWith("*") && host.endsWith(pattern.slice(1));
