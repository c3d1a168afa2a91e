import { ENDED } from "../../core/experiment/life.ts";
import { endMs } from "../../core/experiment/next.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { outcomeOf } from "../../core/model/outcome.ts";
import { outcomeText } from "../../core/text/outcome.ts";
import { faultText, whatTheExperimentDid } from "../../core/text/subject.ts";
import type { Annotation } from "../../ports/annotator.ts";
import type { Settings } from "../preflight/settings.ts";

/**
 * What an annotation says of an experiment now; null when nothing was injected, pretended or
 * happened. It reaches from there to the verdict, and where damage stayed, to its end.
 */
export function annotationOf(
  state: ExperimentState,
  { dashboardUrl }: Pick<Settings, "dashboardUrl">,
): Annotation | null {
  const { plan, t0Ms, injection, choice } = state;
  if (plan === null || t0Ms === null || choice === null) return null;
  if (injection === "none" || injection === "intended" || injection === "not-injected") return null;
  const { workload } = choice.target;
  const outcome = outcomeOf(state);
  const ended = outcomeText(state);
  return {
    experimentId: plan.id,
    fromMs: t0Ms,
    toMs: overMs(state, t0Ms),
    text: `${whatTheExperimentDid(state)}${ended === "" ? "" : `: ${ended}`}`,
    link: dashboardUrl === null ? null : `${dashboardUrl}/experiments/${encodeURIComponent(plan.id)}`,
    tags: [
      `fault:${faultText(state)}`,
      ...(outcome === null ? [] : [`outcome:${outcome}`]),
      `namespace:${workload.namespace}`,
      `workload:${workload.name}`,
    ],
  };
}

function overMs(state: ExperimentState, t0Ms: number): number | null {
  const { judgement, recoveredMs, clearMs, phase } = state;
  if (recoveredMs !== null) return recoveredMs;
  if (judgement !== null && clearMs !== null) return endMs(state);
  return ENDED.includes(phase) ? (clearMs ?? t0Ms) : null;
}
