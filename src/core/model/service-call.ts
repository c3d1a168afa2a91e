import type { CallEdge, ServiceId } from "./cluster.ts";

/** Traffic from one service to another: for pages, and for risks. */
export interface ServiceCall {
  /** A service, or `namespace/name` of a workload without one. */
  readonly caller: ServiceId;
  readonly callee: ServiceId;
  readonly protocol: CallEdge["protocol"];
  readonly perSecond: number;
}
