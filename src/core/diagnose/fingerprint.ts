import type { WorkloadRef } from "../model/cluster.ts";

/**
 * `stale-connection:Deployment:go-app:go-app`: the weakness and the workload, nothing that changes
 * from one experiment to the next. No part may hold a colon in Kubernetes, so two workloads never
 * share one.
 */
export const fingerprintOf = (weakness: string, workload: WorkloadRef): string =>
  [weakness, workload.kind, workload.namespace, workload.name].join(":");
