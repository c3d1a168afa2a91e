import type { ServiceId } from "../../core/model/cluster.ts";
import { worstPerService } from "../../core/model/degraded.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { outcomeOfVerdict } from "../../core/model/outcome.ts";
import type { ServiceCall } from "../../core/model/service-call.ts";
import { MOST_BOXES, type NodeLook, type ServiceGraph, serviceGraph } from "./graph.ts";

/**
 * Who was hit and whom it reached: the services that had to do with the target, those that got
 * worse, and the calls between them. Null when nobody knows who called whom, or nobody is left to
 * draw.
 */
export function blastRadius(state: ExperimentState, calls: readonly ServiceCall[]): ServiceGraph | null {
  const looks = blastLooks(state);
  if (looks.size < 2) return null;
  const worst = [...looks].toSorted(([, a], [, b]) => ORDER.indexOf(a) - ORDER.indexOf(b)).slice(0, MOST_BOXES);
  const drawn = new Map(worst);
  const between = calls.filter(({ caller, callee }) => drawn.has(caller) && drawn.has(callee));
  return between.length === 0 ? null : serviceGraph(between, drawn, null);
}

const ORDER: readonly NodeLook[] = ["hit", "not recovered", "recovered", "unknown", "unaffected", "none"];

/** How each service came out of it; a target that was not worse itself looks hit. */
export function blastLooks({ choice, judgement }: ExperimentState): ReadonlyMap<ServiceId, NodeLook> {
  const { verdicts = [], concerned } = judgement ?? {};
  const looks = new Map<ServiceId, NodeLook>();
  for (const { service, verdict } of worstPerService(verdicts)) {
    const outcome = outcomeOfVerdict(verdict.kind);
    const isReached = outcome === "not recovered" || outcome === "recovered";
    if (concerned === undefined || concerned.includes(service) || isReached) looks.set(service, outcome);
  }
  for (const service of choice?.target.services ?? []) looks.set(service, "hit");
  return looks;
}
