import type { ExperimentState } from "../../core/model/experiment.ts";
import { type RecordDeps, record } from "../records/append-event.ts";
import { type KeepBeforeDeps, keepBefore } from "./keep-before-natural-failure.ts";

export type TakeUpDeps = RecordDeps & KeepBeforeDeps;

/**
 * Begins to observe what happened by itself. Whoever noticed it has kept what was known before; if
 * that failed, the cluster is looked at now, without what is younger than the loss.
 */
export async function takeUp(
  deps: TakeUpDeps,
  id: string,
  planned: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState> {
  const cause = planned.plan?.natural;
  if (cause === undefined) throw new RangeError("only a natural experiment can be taken up");
  await keepBefore(deps, id, cause, [], signal);
  return record(deps, id, planned, { kind: "happened", t0Ms: cause.t0Ms, choice: cause.choice });
}
