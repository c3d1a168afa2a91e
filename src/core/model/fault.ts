import type { PodRef, ServiceId, WorkloadRef } from "./cluster.ts";

export const FAULT_KINDS = [
  "pod-delete",
  "pod-evict",
  "pod-kill",
  "node-drain",
  "zone-outage",
  "http-abort",
  "http-delay",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/**
 * A fault with what it needs to know; durations in ms, percentages 0…100. A drain leaves nodes
 * alone on which a workload of one replica lives, unless `singleReplicas` says `hit`.
 */
export type Fault =
  | { readonly kind: "pod-delete" | "pod-evict" | "pod-kill" }
  | { readonly kind: "node-drain"; readonly durationMs: number; readonly singleReplicas?: "hit" }
  | { readonly kind: "zone-outage"; readonly durationMs: number }
  | { readonly kind: "http-abort"; readonly durationMs: number; readonly httpStatus: number; readonly percent: number }
  | { readonly kind: "http-delay"; readonly durationMs: number; readonly delayMs: number; readonly percent: number };

/**
 * What an experiment hits: the pod, the workload that owns it, and the services that this workload
 * stands behind; of a node or a zone those of every workload that loses a pod.
 */
export interface Target {
  readonly workload: WorkloadRef;
  readonly services: readonly ServiceId[];
  /**
   * Empty for faults of a service (HTTP); one pod for pod faults; all pods to be evicted for a node
   * or a zone.
   */
  readonly pods: readonly PodRef[];
  readonly node: string | null;
  readonly zone: string | null;
  /** Of a node or a zone: the pods of each workload; absent in older journals. */
  readonly lost?: readonly LostPods[];
}

/** Pods, by uid, that one workload loses at once. */
export interface LostPods {
  readonly workload: WorkloadRef;
  readonly pods: readonly string[];
}
