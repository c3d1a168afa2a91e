import type { V1ObjectMeta } from "@kubernetes/client-node";
import type { ServiceId } from "../../../../core/model/cluster.ts";
import { isRecord } from "../../client/status.ts";
import { timeMs } from "../../client/time.ts";

/**
 * An Istio VirtualService as far as we look into it; everything else in it is carried along
 * untouched.
 */
export interface VirtualService {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: V1ObjectMeta;
  readonly spec: Readonly<Record<string, unknown>>;
}

export type HttpRoute = Readonly<Record<string, unknown>>;

/** `VirtualService shop/web`, for people. */
export const nameOf = ({ metadata }: VirtualService): string => `VirtualService ${metadata.namespace}/${metadata.name}`;

/**
 * Whether a host in a VirtualService of `namespace` means the service. A name without a dot belongs
 * to the VirtualService's own namespace; the cluster's domain may be another one than
 * `cluster.local`.
 */
export function meansService(host: string, namespace: string, service: ServiceId): boolean {
  const [own = "", name = ""] = service.split("/");
  if (!host.includes(".")) return host === name && namespace === own;
  return host === `${name}.${own}` || host === `${name}.${own}.svc` || host.startsWith(`${name}.${own}.svc.`);
}

export function fullHost(service: ServiceId): string {
  const [namespace = "", name = ""] = service.split("/");
  return `${name}.${namespace}.svc.cluster.local`;
}

/**
 * Whether it acts on calls inside the mesh at all: without `gateways`, or with `mesh` among them.
 */
export function actsInMesh({ spec }: VirtualService): boolean {
  return !Array.isArray(spec.gateways) || spec.gateways.length === 0 || spec.gateways.includes("mesh");
}

/**
 * Whether callers of every namespace see it: without `exportTo`, or with `*` in it. A mesh may have
 * another default, which is not seen here.
 */
export function isExportedToAll({ spec }: VirtualService): boolean {
  return !Array.isArray(spec.exportTo) || spec.exportTo.length === 0 || spec.exportTo.includes("*");
}

export const hostsOf = ({ spec }: VirtualService): string[] =>
  Array.isArray(spec.hosts) ? spec.hosts.filter((host) => typeof host === "string") : [];

export const routesOf = ({ spec }: VirtualService): HttpRoute[] =>
  Array.isArray(spec.http) ? spec.http.filter(isRecord) : [];

/** Whether `*.example` in a VirtualService would match this host. */
export const wildcardMatches = (pattern: string, host: string): boolean =>
  pattern.startsWith("*") && host.endsWith(pattern.slice(1));

/**
 * The one of several for one host that Istio follows inside the mesh, the oldest; null when their
 * ages do not tell.
 * https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services
 */
export function oldestOf(services: readonly VirtualService[]): VirtualService | null {
  const aged = services
    .map((service) => ({ service, bornMs: timeMs(service.metadata.creationTimestamp) ?? Number.NaN }))
    .toSorted((a, b) => a.bornMs - b.bornMs);
  const [first, second] = aged;
  if (first === undefined) return null;
  if (second === undefined) return first.service;
  return aged.every(({ bornMs }) => !Number.isNaN(bornMs)) && first.bornMs < second.bornMs ? first.service : null;
}
