import { type CallEdge, type ClusterSnapshot, type ServiceId, type Workload, workloadKey } from "../model/cluster.ts";

/** One workload calls another through a service. */
export interface WorkloadCall {
  readonly caller: Workload;
  readonly callee: Workload;
  readonly service: ServiceId;
  readonly protocol: "http" | "tcp";
  readonly perSecond: number;
}

/**
 * The mesh's edges between workloads that the API server knows. Edges to or from anything else
 * (gateways outside the snapshot, `unknown`, `PassthroughCluster`) are left out: nothing can be
 * said about pods that nobody saw.
 */
export function workloadCalls(edges: readonly CallEdge[], snapshot: ClusterSnapshot): readonly WorkloadCall[] {
  return edges.flatMap((edge) => {
    const caller = callerOf(edge, snapshot.workloads);
    if (caller === undefined) return [];
    return snapshot.workloads
      .filter((w) => w.services.includes(edge.callee) && workloadKey(w) !== workloadKey(caller))
      .map((callee) => ({
        caller,
        callee,
        service: edge.callee,
        protocol: edge.protocol,
        perSecond: edge.perSecond,
      }));
  });
}

/** Istio's labels name a workload without its kind: an exact kind wins, then any of that name. */
function callerOf({ caller }: CallEdge, workloads: readonly Workload[]): Workload | undefined {
  const sameName = workloads.filter((w) => w.namespace === caller.namespace && w.name === caller.name);
  return sameName.find((w) => w.kind === caller.kind) ?? sameName[0];
}

/** Keys of all workloads that call `of` directly or through others; never `of` itself. */
export function dependantsOf(of: Workload, calls: readonly WorkloadCall[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [workloadKey(of)];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    for (const { caller, callee } of calls) {
      const callerKey = workloadKey(caller);
      if (workloadKey(callee) !== key || found.has(callerKey) || callerKey === workloadKey(of)) continue;
      found.add(callerKey);
      open.push(callerKey);
    }
  }
  return found;
}
