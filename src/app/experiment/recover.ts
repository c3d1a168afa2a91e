import { cureOf } from "../../core/experiment/cure.ts";
import { damagedServices } from "../../core/experiment/life.ts";
import { endMs, judgeAtMs, nextLookMs } from "../../core/experiment/next.ts";
import { withoutSetClock } from "../../core/experiment/set-clock.ts";
import { looksRecovered, type RecoveryLook } from "../../core/judge/judge.ts";
import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/model/units.ts";
import type { SignalVerdict } from "../../core/model/verdict.ts";
import { readingsOf } from "../../core/observe/history.ts";
import { stillDownNotice } from "../../core/report/follow-up.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import { effectFor } from "../judge/judge.ts";
import { aboutOf, deliver, type NotifyDeps } from "../notify/notify.ts";
import type { ObserveDeps } from "../observe/observe.ts";
import { record } from "../records/append-event.ts";

/** A look reaches back this far at least, so that it can say since when a service is back. */
const LOOK_BACK_MS = 2 * HOUR_MS;
/** … but never over more steps than this. */
const MOST_STEPS = 720;

/** What a service does now is read from this long. */
const CURRENT_MS = 5 * MINUTE_MS;
/** Failures are counted over no longer than this: raw samples of days would be much to read. */
const COUNTED_MS = 12 * HOUR_MS;

export interface RecoverDeps extends NotifyDeps, ObserveDeps {
  readonly cluster: ClusterReader;
}

/**
 * Looks whether the damage of an experiment is over; answers the state after it, or when to look
 * again.
 */
export async function lookForRecovery(
  deps: RecoverDeps,
  id: string,
  state: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState | { readonly untilMs: number }> {
  const { plan } = state;
  if (plan === null) throw new RangeError("an experiment without a plan has no damage");
  const nowMs = deps.clock.nowMs();
  const nextMs = nextLookMs(nowMs, state.looks, plan.geometry.stepMs, nowMs - judgeAtMs(state));
  let looks: readonly RecoveryLook[];
  try {
    looks = await lookAt(deps, id, state, nowMs, signal);
  } catch (cause) {
    deps.log.warn("open damage cannot be looked at; it stays open", { experiment: id, why: describeError(cause) });
    return { untilMs: nextMs };
  }
  const down = looks.filter((look) => !look.back);
  if (down.length > 0) {
    const reminder = await remind(deps, id, state, nowMs, signal);
    const services = [...new Set(down.map((look) => look.service))];
    return record(deps, id, state, { kind: "still-down", services, nextMs, reminder });
  }
  const recoveredMs = Math.max(...looks.map((look) => look.sinceMs ?? nowMs));
  const cure = await cureSeen(deps, id, state, recoveredMs, signal);
  return record(deps, id, state, {
    kind: "recovered",
    recoveredMs,
    afterMs: recoveredMs - (state.t0Ms ?? recoveredMs),
    cure,
    ...(await failedInAll(deps, state, recoveredMs, signal)),
  });
}

/**
 * Requests that failed since the fault, of the service that lost most: its callers pass the same
 * failures on. Nothing where it cannot be counted.
 */
async function failedInAll(
  { metrics }: RecoverDeps,
  { t0Ms, judgement, plan }: ExperimentState,
  recoveredMs: number,
  signal: AbortSignal,
): Promise<{ readonly failed?: number }> {
  if (t0Ms === null || judgement === null || plan === null || recoveredMs - t0Ms > COUNTED_MS) return {};
  const spanMs = Math.max(plan.geometry.stepMs, recoveredMs - t0Ms);
  const counts = await metrics.recent(recoveredMs, spanMs, signal).catch(() => []);
  const excess = judgement.verdicts.flatMap(({ service, signal: kind, effect }) => {
    const own = counts.find((one) => one.service === service);
    const damaged = kind === "failures" && effect !== null && damagedServices({ judgement }).includes(service);
    return own === undefined || !damaged ? [] : own.failures - own.requests * effect.before;
  });
  return excess.length === 0 ? {} : { failed: Math.max(0, Math.round(Math.max(...excess))) };
}

async function lookAt(
  deps: RecoverDeps,
  id: string,
  state: ExperimentState,
  nowMs: number,
  signal: AbortSignal,
): Promise<readonly RecoveryLook[]> {
  const { plan } = state;
  if (plan === null) return [];
  const { stepMs } = plan.geometry;
  const steps = Math.min(MOST_STEPS, Math.ceil((nowMs - endMs(state)) / stepMs), Math.ceil(LOOK_BACK_MS / stepMs));
  const lastMs = nowMs - stepMs;
  const judged = await deps.archive.observation(id);
  const kept = judged === null ? undefined : readingsOf(judged);
  const observation = await deps.metrics.counts(
    { startMs: lastMs - Math.max(1, steps) * stepMs, stepMs, steps: Math.max(1, steps) },
    signal,
    kept,
  );
  return looksRecovered({
    observation,
    damage: openVerdicts(state),
    geometry: plan.geometry,
    minimumEffect: (service) => effectFor(plan, service),
  });
}

/** The verdicts that keep an experiment open. */
function openVerdicts(state: ExperimentState): readonly SignalVerdict[] {
  const services = damagedServices(state);
  return (state.judgement?.verdicts ?? []).filter(
    (v) =>
      services.includes(v.service) &&
      !v.starved &&
      (v.verdict.kind === "persistent" || v.verdict.kind === "unresolved"),
  );
}

/** Sends the reminder that is due, if one is; answers its key. */
async function remind(
  deps: RecoverDeps,
  id: string,
  state: ExperimentState,
  nowMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  const about = await aboutOf(deps, id, state);
  const due = stillDownNotice(about, nowMs, []);
  if (due === null || due.key === state.lastReminder) return null;
  const current = await deps.metrics.recent(nowMs, CURRENT_MS, signal).catch(() => []);
  const notice = stillDownNotice(about, nowMs, current) ?? due;
  const outcome = await deliver(deps, notice, { recoveredMs: null, clearMs: nowMs }, signal);
  return typeof outcome === "string" ? notice.key : null;
}

async function cureSeen(
  deps: RecoverDeps,
  id: string,
  state: ExperimentState,
  recoveredMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  const before = await deps.archive.snapshot(id, "before");
  if (before === null || state.t0Ms === null) return null;
  try {
    const after = await deps.cluster.snapshot(
      before.namespaces.map((one) => one.name),
      signal,
    );
    return cureOf(withoutSetClock(before, after, recoveredMs), damagedServices(state), state.t0Ms, recoveredMs);
  } catch (cause) {
    deps.log.warn("cannot see what cured it", { experiment: id, why: describeError(cause) });
    return null;
  }
}
