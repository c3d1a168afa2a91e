import type { TrafficPod } from "./pods.ts";

/** Shares of requests that fail for a reason that lasts, by the status that the caller sees. */
export type FailureShares = ReadonlyMap<string, number>;

/** Pods of a service that answer alike: those with a connection, and those without. */
export interface PodClass {
  readonly pods: readonly TrafficPod[];
  readonly failures: FailureShares;
}

export const total = (shares: FailureShares): number => [...shares.values()].reduce((sum, share) => sum + share, 0);
