import type { Call } from "../../core/judge/input/input.ts";
import { type CallEdge, type ClusterSnapshot, type ServiceId, serviceId } from "../../core/model/cluster.ts";
import { serviceCalls } from "../../core/observe/service-calls.ts";

/** Who calls whom, by service, whatever the protocol. */
export function callsOf(edges: readonly CallEdge[], snapshot: ClusterSnapshot | null): readonly Call[] {
  const calls = new Map<string, Call>();
  for (const { caller, callee } of serviceCalls(edges, snapshot))
    calls.set(`${caller} → ${callee}`, { caller, callee });
  return [...calls.values()];
}

/** The services behind a workload that goes by `namespace/name`; itself where it has none. */
export function servicesBehind(snapshot: ClusterSnapshot | null): (caller: string) => readonly ServiceId[] {
  const services = new Map<string, readonly ServiceId[]>();
  for (const { namespace, name, services: own } of snapshot?.workloads ?? []) {
    if (own.length > 0) services.set(serviceId(namespace, name), own);
  }
  return (caller) => services.get(caller) ?? [caller];
}
