import type { ServiceId } from "../model/cluster.ts";
import type { ExperimentState } from "../model/experiment.ts";
import { isDegraded, type SignalVerdict } from "../model/verdict.ts";
import { damagedServices } from "./life.ts";
import { endMs } from "./next.ts";

/**
 * Requests that an experiment made fail, by service: failures beyond what was expected until the
 * end of its observation, and for damage that outlasted it the same share of the same traffic until
 * it was over, or until now.
 */
export function failedRequests(state: ExperimentState, nowMs: number): ReadonlyMap<ServiceId, number> {
  const failed = new Map<ServiceId, number>();
  const { judgement } = state;
  if (judgement === null) return failed;
  const lasting = damagedServices(state);
  for (const verdict of judgement.verdicts) {
    if (verdict.signal !== "failures" || !isDegraded(verdict.verdict.kind) || verdict.effect === null) continue;
    if (judgement.concerned?.includes(verdict.service) === false) continue;
    const later = lasting.includes(verdict.service) ? failedLater(state, verdict, nowMs) : 0;
    failed.set(verdict.service, Math.max(0, verdict.effect.excess) + later);
  }
  return failed;
}

/**
 * The same of the service that lost most: its callers pass the same failures on, and they would be
 * counted again. What was counted when the damage ended goes before what is reckoned.
 */
export function failedInAll(state: ExperimentState, nowMs: number): number {
  return Math.round(state.failedInAll ?? Math.max(0, ...failedRequests(state, nowMs).values()));
}

/**
 * After the end of the observation nobody counted. What a person closed is taken to have ended
 * then.
 */
function failedLater(state: ExperimentState, { effect, requests }: SignalVerdict, nowMs: number): number {
  const { t0Ms, clearMs, recoveredMs, closed } = state;
  if (effect === null || t0Ms === null || clearMs === null) return 0;
  if (closed !== null && recoveredMs === null) return 0;
  const watchedMs = endMs(state) - t0Ms;
  const lastedMs = Math.max(0, (recoveredMs ?? nowMs) - endMs(state));
  return watchedMs <= 0 ? 0 : (Math.max(0, effect.change.point) * requests.after * lastedMs) / watchedMs;
}
