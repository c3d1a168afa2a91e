import type { ExperimentState } from "./experiment.ts";
import { isDegraded, type VerdictKind } from "./verdict.ts";

/** What an experiment says of the system, for people. Fixed at the verdict. */
export type Outcome = "unaffected" | "recovered" | "not recovered" | "unknown";

/** From worst to best; `unknown` says nothing and comes last. */
export const OUTCOMES_WORST_FIRST = ["not recovered", "recovered", "unaffected", "unknown"] as const;

/** The outcome that a headline verdict stands for. */
export const outcomeOfVerdict = (headline: VerdictKind): Outcome => OUTCOME_OF[headline];

const OUTCOME_OF: Readonly<Record<VerdictKind, Outcome>> = {
  steady: "unaffected",
  transient: "recovered",
  "slow-recovery": "recovered",
  persistent: "not recovered",
  unresolved: "not recovered",
  inconclusive: "unknown",
};

/**
 * What was known at the verdict; later events do not change it. Null without a verdict, and for
 * shams and cancelled experiments.
 */
export function outcomeOf(state: ExperimentState): Outcome | null {
  if (state.judgement === null || isSham(state) || state.cancelled) return null;
  return outcomeOfVerdict(state.judgement.headline);
}

/** Nothing was injected, on purpose. */
export const isSham = ({ plan, injection }: ExperimentState): boolean =>
  plan?.sham === true || injection === "pretended";

/**
 * Whether a judged sham is a false alarm: a service was called worse though nothing was injected.
 * Null for what is no judged sham.
 */
export const falseAlarmOf = (state: ExperimentState): boolean | null =>
  state.judgement === null || !isSham(state) || state.judgement.headline === "inconclusive"
    ? null
    : isDegraded(state.judgement.headline);

/** The worst of several outcomes; `unknown` only if nothing else is known. */
export const worstOutcome = (outcomes: readonly Outcome[]): Outcome =>
  OUTCOMES_WORST_FIRST.find((one) => outcomes.includes(one)) ?? "unknown";
