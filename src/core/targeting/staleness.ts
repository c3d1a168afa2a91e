import { type ServiceId, type WorkloadRef, workloadKey } from "../model/cluster.ts";
import { HOUR_MS } from "../model/units.ts";
import { type PastInjection, withoutShams } from "./facts.ts";

/** How long ago something was hit, for the weights of the draw. */
export interface Staleness {
  /** Hours since the last real injection; Infinity when there was none. */
  readonly hours: number;
  /** Findings of that last injection which are not fixed. */
  readonly findings: number;
}

export function staleness(
  past: readonly PastInjection[],
  nowMs: number,
  concerns: (one: PastInjection) => boolean,
): Staleness {
  const last = withoutShams(past)
    .filter(concerns)
    .reduce<PastInjection | null>((newest, one) => (newest === null || one.atMs > newest.atMs ? one : newest), null);
  return last === null
    ? { hours: Number.POSITIVE_INFINITY, findings: 0 }
    : { hours: Math.max(0, nowMs - last.atMs) / HOUR_MS, findings: last.findings };
}

export const onService =
  (service: ServiceId) =>
  (one: PastInjection): boolean =>
    one.services.includes(service);

export const onWorkload =
  (workload: WorkloadRef) =>
  (one: PastInjection): boolean =>
    workloadKey(one.workload) === workloadKey(workload);

/**
 * Weights of a draw that goes to the least recently exercised first: while something was never hit,
 * only such things have a weight; after that the weight is the square of the hours since the last
 * hit (at least one), half as much again for each open finding, at most threefold.
 */
export function stalenessWeights(all: readonly Staleness[]): readonly number[] {
  if (all.some((one) => one.hours === Number.POSITIVE_INFINITY)) {
    return all.map((one) => (one.hours === Number.POSITIVE_INFINITY ? 1 : 0));
  }
  return all.map((one) => Math.max(1, one.hours) ** 2 * Math.min(3, 1 + one.findings / 2));
}
