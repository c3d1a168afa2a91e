import type { Call } from "../../core/judge/input/input.ts";
import {
  type CallEdge,
  type ClusterSnapshot,
  type ServiceId,
  serviceId,
  workloadKey,
} from "../../core/model/cluster.ts";

/**
 * Who calls whom, by service: a caller is a workload in the mesh's metrics, and stands for every
 * service that selects its pods. A caller without one (a load generator, a gateway in another
 * namespace) goes by `namespace/name` of its workload.
 */
export function callsOf(edges: readonly CallEdge[], snapshot: ClusterSnapshot | null): readonly Call[] {
  const services = new Map<string, readonly ServiceId[]>();
  for (const workload of snapshot?.workloads ?? []) {
    const own = workload.services.length > 0 ? workload.services : [serviceId(workload.namespace, workload.name)];
    services.set(`${workload.namespace}/${workload.name}`, own);
    services.set(workloadKey(workload), own);
  }
  const seen = new Map<string, Call>();
  for (const { caller, callee } of edges) {
    const name = serviceId(caller.namespace, caller.name);
    for (const one of services.get(name) ?? [name]) {
      if (one !== callee) seen.set(`${one} → ${callee}`, { caller: one, callee });
    }
  }
  return [...seen.values()];
}
