import type { ServiceId } from "../../core/model/cluster.ts";
import { worstPerService } from "../../core/model/degraded.ts";
import type { ExperimentId, ExperimentState } from "../../core/model/experiment.ts";
import { isSham, type Outcome, outcomeOf, outcomeOfVerdict } from "../../core/model/outcome.ts";
import { inOneLine, isOpen, momentOf, stateWord, whatTheExperimentDid } from "../experiment-words.ts";

/**
 * One experiment as lists have it: small, so that thousands of them stay in memory while filters,
 * services and the overview look through them.
 */
export interface ListedExperiment {
  readonly id: ExperimentId;
  readonly atMs: number;
  readonly policy: string;
  readonly kind: "fault" | "sham" | "natural";
  /** The kind of the fault, or what happened by itself; null before a target was chosen. */
  readonly fault: string | null;
  /** `namespace/name` of the workload that was chosen. */
  readonly workload: string | null;
  /** Services of that workload. */
  readonly services: readonly ServiceId[];
  /** `A pod of go-app-db was deleted`. */
  readonly title: string;
  readonly outcome: Outcome | null;
  /** The outcome; without one, where it is or why it has none: `refused`, `false alarm`. */
  readonly ending: string;
  readonly provisional: boolean;
  /** What happened, in one line. */
  readonly told: string;
  /** Its damage is still there. */
  readonly open: boolean;
  /** Each service that had to do with it or got worse, by its worst signal. */
  readonly effects: readonly { readonly service: ServiceId; readonly outcome: Outcome }[];
  /** When damage that was open ended. */
  readonly recoveredMs: number | null;
}

/** The list's line of one experiment. */
export function listed(state: ExperimentState): ListedExperiment {
  const { plan, choice } = state;
  const outcome = outcomeOf(state);
  return {
    id: plan?.id ?? "",
    atMs: momentOf(state),
    policy: plan?.policy ?? "",
    kind: plan?.natural === undefined ? (isSham(state) ? "sham" : "fault") : "natural",
    fault: plan?.natural?.what ?? choice?.fault.kind ?? null,
    workload: choice === null ? null : `${choice.target.workload.namespace}/${choice.target.workload.name}`,
    services: choice?.target.services ?? [],
    title: whatTheExperimentDid(state),
    outcome,
    ending: outcome ?? stateWord(state),
    provisional: state.provisional,
    told: inOneLine(state),
    open: isOpen(state),
    effects: worstPerService(state.judgement?.verdicts ?? []).map(({ service, verdict }) => ({
      service,
      outcome: outcomeOfVerdict(verdict.kind),
    })),
    recoveredMs: state.recoveredMs,
  };
}

/** Nothing was done: lists fold these away unless they are asked for. */
export const wasDone = ({ ending }: ListedExperiment): boolean => !NOT_DONE.includes(ending);
export const NOT_DONE: readonly string[] = ["refused", "missed", "not injected"];
