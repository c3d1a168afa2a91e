import { FEWEST_CANDIDATES } from "../judge/design/veto.ts";
import type { ExperimentPlan, ExperimentState } from "../model/experiment.ts";
import type { TestKey } from "../model/minutes.ts";
import { type DesignCheck, isDegraded, type Judgement, type SignalVerdict, worstVerdict } from "../model/verdict.ts";

/** Steps after which every count of a window has been scraped, and one for the rounding. */
const SETTLED_STEPS = 3;

/**
 * The verdicts that a look at the instants which were not drawn may withdraw: something that has to
 * do with the target got worse, in the window that they are compared by. Of bystanders nobody says
 * that it was because of the experiment.
 */
export function refutable(
  { verdicts, concerned }: Judgement,
  t0Ms: number,
  { geometry }: ExperimentPlan,
): readonly SignalVerdict[] {
  const endMs = t0Ms + geometry.earlyMs;
  return verdicts.filter(
    ({ verdict, onsetMs, service, starved }) =>
      isDegraded(verdict.kind) &&
      !starved &&
      (concerned?.includes(service) ?? true) &&
      (onsetMs === null || onsetMs.point < endMs),
  );
}

/** Whether chance alone chose the instant, among others. */
export const wasDrawn = ({ plan, t0Ms }: Pick<ExperimentState, "plan" | "t0Ms">): boolean =>
  plan !== null && t0Ms !== null && !plan.manual && plan.natural === undefined && plan.candidates.count > 1;

/**
 * Whether what the minutes of the draw scored is kept, to be put together with other experiments.
 * Neither the verdict nor anything else that followed from the instant has a say in it, or the sum
 * would know more bad minutes than there were.
 */
export const isCompared = (state: ExperimentState, suspected: readonly TestKey[]): boolean =>
  wasDrawn(state) && (state.injection === "pretended" || suspected.length > 0);

/**
 * Whether a final look can change this judgement: the instant was drawn, among enough others
 * (judge.md §2.6).
 */
export function isProvisional({ plan, t0Ms }: Pick<ExperimentState, "plan" | "t0Ms">, judgement: Judgement): boolean {
  if (plan === null || t0Ms === null || !wasDrawn({ plan, t0Ms })) return false;
  return plan.candidates.count >= FEWEST_CANDIDATES && refutable(judgement, t0Ms, plan).length > 0;
}

/** When the windows of the last instant that could have been drawn are over and scraped. */
export function finalLookMs({ plan }: Pick<ExperimentState, "plan">): number {
  if (plan === null) throw new RangeError("an experiment without a plan has no final look");
  return lastCountMs(plan) + SETTLED_STEPS * plan.geometry.stepMs;
}

/** End of the counts that the final look needs. */
export const lastCountMs = ({ candidates, geometry, slotMs }: ExperimentPlan): number =>
  Math.max(candidates.toMs, slotMs) + geometry.earlyMs + geometry.stepMs;

/**
 * The judgement after the final look: what was vetoed says nothing any more, and the headline
 * without it.
 */
export function checkedJudgement(judgement: Judgement, checks: readonly DesignCheck[]): Judgement {
  const byKey = new Map(checks.map((check) => [keyOf(check), check]));
  const verdicts = judgement.verdicts.map((v): SignalVerdict => {
    const check = byKey.get(keyOf(v));
    if (check === undefined) return v;
    return { ...v, designP: check.p, ...(check.vetoed ? { verdict: byItself(check) } : {}) };
  });
  const { concerned, origin } = judgement;
  const told = verdicts.filter((v) => !v.starved && (concerned?.includes(v.service) ?? true));
  const stands = verdicts.some((v) => v.service === origin && isDegraded(v.verdict.kind));
  if (!checks.some((check) => check.vetoed)) return { ...judgement, verdicts };
  return {
    ...judgement,
    verdicts,
    headline: worstVerdict(told.map((v) => v.verdict.kind)),
    origin: stands ? origin : null,
  };
}

const keyOf = ({ service, signal }: Pick<SignalVerdict, "service" | "signal">): string => `${service} ${signal}`;

const byItself = ({ p, candidates }: DesignCheck): SignalVerdict["verdict"] => ({
  kind: "inconclusive",
  why: "by-itself",
  detail: `It got worse, but it looked as bad at ${Math.round((p ?? 1) * candidates) - 1} of ${candidates - 1} other instants at which nothing was done.`,
});
