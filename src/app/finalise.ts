import { checkedJudgement, finalLookMs, lastCountMs, refutable } from "../core/experiment/final-look.ts";
import { endMs } from "../core/experiment/next.ts";
import type { ExperimentState } from "../core/model/experiment.ts";
import type { Observation } from "../core/model/series.ts";
import { HOUR_MS, MINUTE_MS } from "../core/model/units.ts";
import type { DesignCheck } from "../core/model/verdict.ts";
import { withdrawnNotice } from "../core/report/follow-up.ts";
import type { JudgeRunner } from "../ports/judge.ts";
import { type DiagnoseDeps, findingsLeft } from "./diagnose.ts";
import { aboutOf, deliver, type NotifyDeps } from "./notify.ts";
import { disturbedWindows, type ObserveDeps } from "./observe.ts";
import { record } from "./record.ts";

/** A history that cannot be brought up to date is asked for again for this long; then the verdict stands as it is. */
const GIVE_UP_AFTER_MS = 24 * HOUR_MS;
const RETRY_MS = 10 * MINUTE_MS;

export type FinaliseDeps = ObserveDeps & DiagnoseDeps & NotifyDeps & { readonly judge: JudgeRunner };

/**
 * Compares a provisional verdict with the instants that were not drawn, from the kept history: what looked as bad at too many of them is withdrawn, with
 * the findings that rest on it, and that is told when the verdict was. One that stands is not told again. Answers the state after it, or when to try again.
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

  const checks = history === null || !whole ? [] : await checksOf(deps, state, history, signal);
  const final = { ...state, judgement: checkedJudgement(judgement, checks) };
  const notice = withdrawnNotice(aboutOf(deps, id, state), final.judgement, checks);
  const outcome =
    notice === null ? null : await deliver(deps, notice, { recoveredMs: null, clearMs: finalLookMs(state) }, signal);
  if (outcome !== null && typeof outcome !== "string") return later(state, outcome.untilMs);
  const findings = checks.some((check) => check.vetoed) ? await findingsLeft(deps, id, final) : state.findings;
  return record(deps, id, state, { kind: "finalised", checks, findings, news: outcome === null ? [] : [outcome] });
}

/** Damage that is open meanwhile is looked at as often as ever. */
function later({ phase, nextLookMs }: ExperimentState, untilMs: number): { readonly untilMs: number } {
  return { untilMs: phase === "damaged" && nextLookMs !== null ? Math.min(untilMs, nextLookMs) : untilMs };
}

const endOf = ({ grid }: Observation): number => grid.startMs + grid.steps * grid.stepMs;

async function checksOf(
  deps: FinaliseDeps,
  state: ExperimentState,
  history: Observation,
  signal: AbortSignal,
): Promise<readonly DesignCheck[]> {
  const { plan, judgement, t0Ms } = state;
  if (plan === null || judgement === null || t0Ms === null) return [];
  const { slotMs, candidates, geometry } = plan;
  const taken = await disturbedWindows(deps.book, lastCountMs(plan), plan.id);
  const drawn = { slotMs, t0Ms, candidates, geometry, observedToMs: endMs(state) };
  return deps.judge.finalLook({ verdicts: refutable(judgement, t0Ms, plan), history, drawn, taken }, signal);
}
