import type { TrafficPod } from "./pods.ts";

/** Shares of requests that fail for a reason that lasts, by the status that the caller sees. */
export type FailureShares = ReadonlyMap<string, number>;

/** Answers that take longer than usual: their share among those that succeed, and by how much. */
export interface Slowness {
  readonly share: number;
  readonly byMs: number;
}

export const NOT_SLOW: Slowness = { share: 0, byMs: 0 };

/** Pods of a service that answer alike: with a connection or without, warm or cold. */
export interface PodClass {
  readonly pods: readonly TrafficPod[];
  readonly failures: FailureShares;
  readonly slow: Slowness;
}

export const total = (shares: FailureShares): number => [...shares.values()].reduce((sum, share) => sum + share, 0);
