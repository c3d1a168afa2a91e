import { type CallEdge, type ClusterSnapshot, type ServiceId, serviceId, workloadKey } from "../model/cluster.ts";
import type { ServiceCall } from "../model/service-call.ts";

/**
 * Who calls whom, by service and protocol: a caller is a workload in the mesh's metrics, and stands
 * for every service that selects its pods. A caller without one (a load generator, a gateway in
 * another namespace) goes by `namespace/name` of its workload.
 */
export function serviceCalls(edges: readonly CallEdge[], snapshot: ClusterSnapshot | null): readonly ServiceCall[] {
  const services = new Map<string, readonly ServiceId[]>();
  for (const workload of snapshot?.workloads ?? []) {
    const own = workload.services.length > 0 ? workload.services : [serviceId(workload.namespace, workload.name)];
    services.set(`${workload.namespace}/${workload.name}`, own);
    services.set(workloadKey(workload), own);
  }
  const seen = new Map<string, ServiceCall>();
  for (const { caller, callee, protocol, perSecond } of edges) {
    const name = serviceId(caller.namespace, caller.name);
    for (const one of services.get(name) ?? [name]) {
      if (one === callee) continue;
      const key = `${one} → ${callee} ${protocol}`;
      seen.set(key, { caller: one, callee, protocol, perSecond: perSecond + (seen.get(key)?.perSecond ?? 0) });
    }
  }
  return [...seen.values()];
}
