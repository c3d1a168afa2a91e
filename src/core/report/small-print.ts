import type { ExperimentId, ExperimentState } from "../model/experiment.ts";
import type { SignalVerdict } from "../model/verdict.ts";
import { someNames } from "../text/format.ts";
import { shortService } from "../text/subject.ts";

/**
 * The end of a message: who else got worse, what limits the verdict, and how to find the experiment
 * again. One sentence or term each.
 */
export function smallPrint(
  state: ExperimentState,
  { id, cluster }: { readonly id: ExperimentId; readonly cluster: string },
  bystanders: readonly SignalVerdict[],
): readonly string[] {
  const { judgement, plan, choice, extension } = state;
  return [
    ...(bystanders.length > 0 ? [bystanderText(bystanders)] : []),
    ...(judgement?.learning
      ? ["Learning: less than a day of history, so the verdict rests on this window alone."]
      : []),
    ...(state.provisional ? ["Provisional: the check against other possible instants has not run yet."] : []),
    ...(state.injection === "unsure" ? ["The call that broke it was cut off; the pod is gone all the same."] : []),
    ...(state.aborted === null ? [] : [`Stopped early: ${state.aborted}.`]),
    ...(extension === null || extension.over ? [] : [`Observed for longer than planned: ${extension.why}.`]),
    ...(judgement?.notes ?? []),
    [
      `experiment ${id}`,
      `cluster ${cluster}`,
      ...(choice === null ? [] : [plan?.sham ? "sham" : (plan?.natural?.what ?? choice.fault.kind)]),
      ...(plan === null ? [] : [`seed ${plan.seed}`]),
    ].join(" · "),
  ];
}

function bystanderText(bystanders: readonly SignalVerdict[]): string {
  const names = bystanders.map(({ service }) => shortService(service));
  return `Meanwhile, and not because of this: ${someNames(names)} got worse by ${names.length === 1 ? "itself" : "themselves"}.`;
}
