import type { ServiceId } from "../model/cluster.ts";
import type { ExperimentEvent, ExperimentState } from "../model/experiment.ts";
import { isDegraded, type Judgement, type SignalVerdict } from "../model/verdict.ts";

/**
 * `event` without what nobody asks of an experiment that is long over, or null when there is
 * nothing to leave out: verdicts on services that neither got worse nor had to do with it.
 * Headline, origin, findings and every verdict that was told of stay, so that the experiment keeps
 * its place in reports, budgets and the record of each target; only its judgement cannot be
 * replayed any more.
 */
export function compacted(event: ExperimentEvent, { choice }: Pick<ExperimentState, "choice">): ExperimentEvent | null {
  if (event.kind !== "judged") return null;
  const judgement = compactJudgement(event.judgement, choice);
  return judgement === null ? null : { ...event, judgement };
}

/** The state of an experiment whose journal was compacted. */
export function compactState(state: ExperimentState): ExperimentState {
  const judgement = state.judgement === null ? null : compactJudgement(state.judgement, state.choice);
  return judgement === null ? state : { ...state, judgement };
}

function compactJudgement(judgement: Judgement, choice: ExperimentState["choice"]): Judgement | null {
  const services = new Set<ServiceId>([...(judgement.concerned ?? []), ...(choice?.target.services ?? [])]);
  const verdicts = judgement.verdicts.filter((one) => isTold(one, services));
  const dropped = judgement.verdicts.length - verdicts.length;
  return dropped === 0 ? null : { ...judgement, verdicts, notes: [...judgement.notes, noteOf(dropped)] };
}

const isTold = ({ service, verdict }: SignalVerdict, services: ReadonlySet<ServiceId>): boolean =>
  services.has(service) || isDegraded(verdict.kind);

const noteOf = (dropped: number): Judgement["notes"][number] =>
  `${dropped} verdicts on services that did not get worse and had nothing to do with it are no longer kept.`;
