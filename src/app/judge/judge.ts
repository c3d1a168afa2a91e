import { extendedMs } from "../../core/experiment/extension.ts";
import { isCompared, isProvisional } from "../../core/experiment/final-look.ts";
import { judgeAtMs } from "../../core/experiment/next.ts";
import type { JudgeInput } from "../../core/judge/judge.ts";
import { noData } from "../../core/judge/verdict/no-data.ts";
import type { ServiceId } from "../../core/model/cluster.ts";
import { describeError, hasCode } from "../../core/model/error.ts";
import type { ExperimentPlan, ExperimentState } from "../../core/model/experiment.ts";
import type { MinimumEffect } from "../../core/model/policy.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/model/units.ts";
import type { Judgement } from "../../core/model/verdict.ts";
import { type JudgedFrom, sizeOf } from "../../core/observe/judged-from.ts";
import { matchesPattern } from "../../core/targeting/selector.ts";
import type { JudgeRunner } from "../../ports/judge.ts";
import { type ExtendDeps, goOnObserving } from "../observe/extend.ts";
import { type ObserveDeps, observe, type Seen } from "../observe/observe.ts";
import { type RecordDeps, record } from "../records/append-event.ts";
import { suspectedOf } from "./suspected.ts";

/** Prometheus keeps what happened: a source that is away is asked again for this long before the experiment ends without a verdict. */
const GIVE_UP_AFTER_MS = 24 * HOUR_MS;
const RETRY_MS = MINUTE_MS;

export type JudgeDeps = RecordDeps &
  ObserveDeps &
  ExtendDeps & {
    readonly judge: JudgeRunner;
    /** Version of the program. */
    readonly build?: string;
  };

/** Reads what every service did and writes the verdicts down, or that it is observed for longer; answers the state after it, or when to try again. */
export async function judgeExperiment(
  deps: JudgeDeps,
  id: string,
  state: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState | { readonly untilMs: number }> {
  let seen: Seen;
  try {
    seen = await observe(deps, state, signal);
  } catch (cause) {
    if (!hasCode(cause, "source-unavailable") && !hasCode(cause, "source-refused")) throw cause;
    const nowMs = deps.clock.nowMs();
    deps.log.warn("the metrics source does not answer; the verdict waits", {
      experiment: id,
      why: describeError(cause),
    });
    if (nowMs < judgeAtMs(state) + GIVE_UP_AFTER_MS) return { untilMs: nowMs + RETRY_MS };
    return record(deps, id, state, {
      kind: "judged",
      judgement: withoutData(state, describeError(cause)),
      provisional: false,
    });
  }
  const input = judgeInput(state, seen);
  const judgement = await deps.judge.judge(input, signal);
  const goesOn = await goOnObserving(deps, id, state, judgement, signal);
  if (goesOn !== null) return record(deps, id, state, goesOn);
  await deps.archive.keepObservation(id, seen.observation);
  await deps.archive.keepEdges(id, seen.edges);
  await deps.archive.keepJudgedFrom(id, judgedFrom(deps.build, seen, input));
  return record(deps, id, state, {
    kind: "judged",
    judgement: { ...judgement, sourceRequests: judgement.sourceRequests + (state.extension?.sourceRequests ?? 0) },
    provisional: isProvisional(state, judgement),
    compared: isCompared(state, await suspectedOf(deps.book, state)),
  });
}

/** What the verdict is made from, summed up. */
export const judgedFrom = (build = "unknown", seen: Seen, { cutShort = null }: JudgeInput): JudgedFrom => ({
  build,
  history: sizeOf(seen.history),
  excluded: seen.excluded,
  cutShort,
  edges: seen.edges.length,
});

/** What is judged of an experiment, from what was seen. Pure: `replay` asks the same. */
export function judgeInput(state: ExperimentState, seen: Seen): JudgeInput {
  const { plan, choice, t0Ms, clearMs } = state;
  if (plan === null || choice === null || t0Ms === null || clearMs === null)
    throw new RangeError("not observed to its end");
  return {
    observation: seen.observation,
    history: seen.history,
    excluded: seen.excluded,
    t0Ms,
    clearMs,
    geometry: plan.geometry,
    extendedMs: extendedMs(state),
    foundBefore: extendedMs(state) === 0 ? [] : (state.extension?.found ?? []),
    minimumEffect: (service) => effectFor(plan, service),
    calls: seen.calls,
    concerned:
      choice.target.services.length > 0
        ? choice.target.services
        : [`${choice.target.workload.namespace}/${choice.target.workload.name}`],
    cutShort: state.aborted ?? state.closed?.why ?? null,
  };
}

/** The minimum effect that this experiment began with for `service`: its own, its namespace's, or the default. */
export function effectFor(
  { effects, minimumEffect }: Pick<ExperimentPlan, "effects" | "minimumEffect">,
  service: ServiceId,
): MinimumEffect {
  return effects.find((one) => matchesPattern(one.services, service))?.effect ?? minimumEffect;
}

/** Nothing is known of the target's services, and why. */
function withoutData({ choice }: ExperimentState, why: string): Judgement {
  const note = `the metrics source gave no complete answer for a day: ${why}`;
  const services = choice?.target.services ?? [];
  return {
    verdicts: services.map((service) => noData(service, "failures", note)),
    origin: null,
    headline: "inconclusive",
    learning: false,
    notes: [note],
    sourceRequests: 0,
  };
}
