import { extendedMs } from "../../core/experiment/extension.ts";
import { isCompared, isProvisional } from "../../core/experiment/final-look.ts";
import { type Unproven, withoutProof } from "../../core/experiment/proof.ts";
import { unseenServices } from "../../core/experiment/unseen.ts";
import type { JudgeInput } from "../../core/judge/judge.ts";
import type { ServiceId } from "../../core/model/cluster.ts";
import { degradedServices } from "../../core/model/degraded.ts";
import { describeError, hasCode } from "../../core/model/error.ts";
import type { ExperimentPlan, ExperimentState } from "../../core/model/experiment.ts";
import type { MinimumEffect } from "../../core/model/policy.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/model/units.ts";
import type { Judgement } from "../../core/model/verdict.ts";
import { bandsOf } from "../../core/observe/band.ts";
import { type JudgedFrom, sizeOf } from "../../core/observe/judged-from.ts";
import { matchesPattern } from "../../core/targeting/selector.ts";
import type { JudgeRunner } from "../../ports/judge.ts";
import { timeFor } from "../inject/own-time.ts";
import { type ExtendDeps, goOnObserving } from "../observe/extend.ts";
import { type ObserveDeps, observe, type Seen } from "../observe/observe.ts";
import { type RecordDeps, record } from "../records/append-event.ts";
import { withNodePressure } from "./node-pressure.ts";
import { whyUnproven } from "./prove.ts";
import { withResets } from "./resets.ts";
import { withRetries } from "./retries.ts";
import { suspectedOf } from "./suspected.ts";
import { withWaits } from "./waits.ts";

/**
 * A source that is away is asked again this soon, for as long as it takes: an experiment that could
 * not be judged counts as open damage until it is, or until somebody closes it.
 */
const RETRY_MS = MINUTE_MS;

export type JudgeDeps = RecordDeps &
  ObserveDeps &
  ExtendDeps & {
    readonly judge: JudgeRunner;
    /** Version of the program. */
    readonly build?: string;
  };

/**
 * Reads what every service did and writes the verdicts down, or that it is observed for longer;
 * answers the state after it, or when to try again.
 */
export async function judgeExperiment(
  deps: JudgeDeps,
  id: string,
  state: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState | { readonly untilMs: number }> {
  let seen: Seen;
  let unproven: Unproven | null;
  try {
    seen = await observe(deps, state, signal);
    unproven = await whyUnproven(deps, state, signal);
  } catch (cause) {
    if (!hasCode(cause, "source-unavailable") && !hasCode(cause, "source-refused")) throw cause;
    deps.log.warn("the metrics source does not answer; the verdict waits", {
      experiment: id,
      why: describeError(cause),
    });
    return { untilMs: timeFor(deps.clock, state) + RETRY_MS };
  }
  const input = judgeInput(state, seen);
  const judged = await deps.judge.judge(input, signal);
  const seenToAct = unproven === null ? judged : withoutProof(judged, unproven);
  const proven = await withNodePressure(deps, state, seenToAct, seen.calls, signal);
  if (isUnknown(deps, id, state, { seen, judgement: proven }))
    return { untilMs: timeFor(deps.clock, state) + RETRY_MS };
  const goesOn = await goOnObserving(deps, id, state, proven, signal);
  if (goesOn !== null) return record(deps, id, state, goesOn);
  const retried = await withRetries(deps, id, state, proven, signal);
  const waited = await withWaits(deps, id, state, retried, signal);
  const judgement = await withResets(deps, id, state, { judgement: waited, observation: seen.observation }, signal);
  await deps.archive.keepObservation(id, seen.observation);
  await deps.archive.keepEdges(id, seen.edges);
  await keepBands(deps, id, state, { seen, judgement });
  await deps.archive.keepJudgedFrom(id, judgedFrom(deps.build, seen, input));
  return record(deps, id, state, {
    kind: "judged",
    judgement: { ...judgement, sourceRequests: judgement.sourceRequests + (state.extension?.sourceRequests ?? 0) },
    provisional: isProvisional(state, judgement),
    compared: isCompared(state, await suspectedOf(deps.book, state)),
  });
}

/** Whether nobody saw what became of its services: then its damage counts as open. */
function isUnknown(
  { log }: Pick<JudgeDeps, "log">,
  id: string,
  state: ExperimentState,
  { seen, judgement }: { readonly seen: Seen; readonly judgement: Judgement },
): boolean {
  const unseen = unseenServices(state, judgement, seen.observation, seen.edges);
  if (unseen.length === 0) return false;
  log.warn("nobody saw what became of a service; its damage is unknown and counts as open", {
    experiment: id,
    services: unseen.join(", "),
    hint: `mend the metrics source, or close it: aftershock close ${id} "why"`,
  });
  return true;
}

/** Bands are kept for so many services: no more charts are drawn. */
const MAX_BANDS = 12;
/** Charts reach at most this far after the fault, when recovery took long. */
const BAND_REACH_MS = 2 * HOUR_MS;

/** Keeps what is normal at this hour, for the charts of those that had to do with it. */
async function keepBands(
  { archive }: Pick<JudgeDeps, "archive">,
  id: string,
  { plan, t0Ms, choice }: ExperimentState,
  { seen, judgement }: { readonly seen: Seen; readonly judgement: Judgement },
): Promise<void> {
  if (plan === null || t0Ms === null) return;
  const worst = degradedServices(judgement).concerned.map(({ service }) => service);
  const services = [...new Set([...worst, ...(choice?.target.services ?? []), ...(judgement.concerned ?? [])])];
  const window = { fromMs: t0Ms - plan.geometry.beforeMs, toMs: t0Ms + BAND_REACH_MS };
  const bands = bandsOf(seen.history, services.slice(0, MAX_BANDS), window, seen.excluded);
  if (bands.length > 0) await archive.keepBands(id, bands);
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

/**
 * The minimum effect that this experiment began with for `service`: its own, its namespace's, or
 * the default.
 */
export function effectFor(
  { effects, minimumEffect }: Pick<ExperimentPlan, "effects" | "minimumEffect">,
  service: ServiceId,
): MinimumEffect {
  return effects.find((one) => matchesPattern(one.services, service))?.effect ?? minimumEffect;
}
