import type { CallEdge, ServiceId } from "./cluster.ts";

/** Who calls whom, between services: what pages draw. */
export interface ServiceCall {
  /** A service; of a caller without one `namespace/name` of its workload. */
  readonly caller: ServiceId;
  readonly callee: ServiceId;
  readonly protocol: CallEdge["protocol"];
  readonly perSecond: number;
}
