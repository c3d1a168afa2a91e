import {
  checkedJudgement,
  finalLookMs,
  isProvisional,
  lastCountMs,
  refutable,
} from "../../core/experiment/final-look.ts";
import { endMs } from "../../core/experiment/next.ts";
import type { FinalAnswer } from "../../core/judge/design/final-look.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import type { Observation } from "../../core/model/series.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/model/units.ts";
import { withdrawnNotice } from "../../core/report/follow-up.ts";
import type { JudgeRunner } from "../../ports/judge.ts";
import { type DiagnoseDeps, findingsLeft } from "../diagnose/diagnose.ts";
import { suspectedOf } from "../judge/suspected.ts";
import { aboutOf, deliver, type NotifyDeps } from "../notify/notify.ts";
import { disturbedWindows, type ObserveDeps } from "../observe/observe.ts";
import { record } from "../records/append-event.ts";

/**
 * A history that cannot be brought up to date is asked for again for this long; then the verdict
 * stands as it is.
 */
const GIVE_UP_AFTER_MS = 24 * HOUR_MS;
const RETRY_MS = 10 * MINUTE_MS;

export type FinaliseDeps = ObserveDeps & DiagnoseDeps & NotifyDeps & { readonly judge: JudgeRunner };

/**
 * Compares an experiment with the instants that were not drawn, from the kept history. What looked
 * as bad at too many of them is withdrawn, with the findings that rest on it, and that is told when
 * the verdict was; one that stands is not told again. What the minutes of a sham and of
 * everything that was suspected before scored is kept, however it looks. Answers the state after
 * it, or when to try again.
 */
export async function finalise(
  deps: FinaliseDeps,
  id: string,
  state: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState | { readonly untilMs: number }> {
  const { plan, judgement } = state;
  if (plan === null || judgement === null) throw new RangeError("only what was judged can be final");
  const nowMs = deps.clock.nowMs();
  const history = await deps.history.upTo(lastCountMs(plan), plan.geometry.stepMs, signal);
  const whole = history !== null && endOf(history) > lastCountMs(plan) - plan.geometry.stepMs;
  if (!whole && nowMs < finalLookMs(state) + GIVE_UP_AFTER_MS) return later(state, nowMs + RETRY_MS);

  const { checks, minutes } = history === null || !whole ? NOTHING : await lookAt(deps, state, history, signal);
  const final = { ...state, judgement: checkedJudgement(judgement, checks) };
  const notice = withdrawnNotice(await aboutOf(deps, id, state), final.judgement, checks);
  const outcome =
    notice === null ? null : await deliver(deps, notice, { recoveredMs: null, clearMs: finalLookMs(state) }, signal);
  if (outcome !== null && typeof outcome !== "string") return later(state, outcome.untilMs);
  const findings = checks.some((check) => check.vetoed) ? await findingsLeft(deps, id, final) : state.findings;
  return record(deps, id, state, {
    kind: "finalised",
    checks,
    minutes,
    findings,
    news: outcome === null ? [] : [outcome],
  });
}

/** Damage that is open meanwhile is looked at as often as ever. */
function later({ phase, nextLookMs }: ExperimentState, untilMs: number): { readonly untilMs: number } {
  return { untilMs: phase === "damaged" && nextLookMs !== null ? Math.min(untilMs, nextLookMs) : untilMs };
}

const endOf = ({ grid }: Observation): number => grid.startMs + grid.steps * grid.stepMs;

const NOTHING: FinalAnswer = { checks: [], minutes: [] };

async function lookAt(
  deps: FinaliseDeps,
  state: ExperimentState,
  history: Observation,
  signal: AbortSignal,
): Promise<FinalAnswer> {
  const { plan, judgement, t0Ms, choice } = state;
  if (plan === null || judgement === null || t0Ms === null) return NOTHING;
  const { slotMs, candidates, geometry } = plan;
  const taken = await disturbedWindows(deps.book, lastCountMs(plan), plan.id);
  const drawn = { slotMs, t0Ms, candidates, geometry, observedToMs: endMs(state) };
  const verdicts = isProvisional(state, judgement) ? refutable(judgement, t0Ms, plan) : [];
  const suspected = await suspectedOf(deps.book, state);
  const sham = state.injection === "pretended" ? (judgement.concerned ?? choice?.target.services ?? []) : [];
  return deps.judge.finalLook({ verdicts, suspected, sham, history, drawn, taken }, signal);
}
