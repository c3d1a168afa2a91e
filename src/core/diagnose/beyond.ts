import type { ServiceId } from "../model/cluster.ts";
import { SECOND_MS } from "../model/units.ts";
import type { SignalVerdict } from "../model/verdict.ts";
import type { WorkloadFacts } from "./facts.ts";
import type { DiagnosisInput } from "./input.ts";

/**
 * Whether one of `services` failed more requests than can have gone to the pods that were lost:
 * more than their part of all requests for all the time until they were replaced. False when any of
 * it is not known.
 */
export function failedBeyond(
  lost: Pick<WorkloadFacts, "podsHit" | "replicas" | "readyAfterSeconds">,
  services: readonly ServiceId[],
  { judgement, plan }: Pick<DiagnosisInput, "judgement" | "plan">,
): boolean {
  if (lost.readyAfterSeconds < 0 || lost.podsHit === 0 || lost.podsHit >= lost.replicas) return false;
  const part = lost.podsHit / lost.replicas;
  const perSecond = ({ requests }: SignalVerdict): number => requests.before / (plan.geometry.beforeMs / SECOND_MS);
  return judgement.verdicts.some(
    (one) =>
      one.signal === "failures" &&
      services.includes(one.service) &&
      (one.effect?.excess ?? 0) > perSecond(one) * part * lost.readyAfterSeconds,
  );
}
