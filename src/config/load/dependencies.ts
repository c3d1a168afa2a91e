import { type ServiceId, serviceId } from "../../core/model/cluster.ts";

/** Namespaces in which a mistake takes down the cluster, the mesh or the eyes of everybody. */
const ALWAYS_PROTECTED = ["kube-*", "istio-system", "istio-*", "monitoring", "aftershock"];

/**
 * The Service that an address names (`http://prometheus.istio-system:9090`), or null for hosts
 * outside the cluster.
 */
export function serviceOfUrl(address: string): ServiceId | null {
  const host = URL.parse(address)?.hostname ?? "";
  const parts = /^([a-z0-9-]+)\.([a-z0-9-]+)(\.svc(\.[a-z0-9.-]+)?)?$/.exec(host);
  return parts === null ? null : serviceId(parts[2] ?? "", parts[1] ?? "");
}

/** Every namespace and pattern that a policy reaches only by naming it in full. */
export function protectedNamespaces(
  named: readonly string[],
  own: string | null,
  dependencies: readonly ServiceId[],
): readonly string[] {
  const where = dependencies.map((service) => service.slice(0, service.indexOf("/")));
  return [...new Set([...ALWAYS_PROTECTED, ...(own === null ? [] : [own]), ...where, ...named])];
}
