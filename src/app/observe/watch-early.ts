import { guardedServices } from "../../core/experiment/abort.ts";
import { earlyWindowMs, failingEarly, isWatchedEarly } from "../../core/experiment/early-alert.ts";
import { describeError } from "../../core/model/error.ts";
import type { AlertedService, ExperimentState } from "../../core/model/experiment.ts";
import type { EarlyAlertRule } from "../../core/model/policy.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { earlyAlertMessage } from "../../core/report/early-alert-message.ts";
import { timeFor } from "../inject/own-time.ts";
import { aboutOf, deliver, type NotifyDeps } from "../notify/notify.ts";
import { record } from "../records/append-event.ts";
import { callsOf } from "./calls.ts";
import { type GuardDeps, usualCounts } from "./watch-abort.ts";

/** Proxies are scraped every 15 s as a rule: one look a scrape. */
const LOOK_EVERY_MS = 15 * SECOND_MS;

export type EarlyDeps = GuardDeps & NotifyDeps;

/**
 * Looks whether services fail far beyond chance before there is a verdict, writes that down once,
 * and tells it at once. It decides nothing: a source that does not answer is asked again at the
 * next scrape.
 * @param untilMs when the experiment is to be gone on with anyway
 * @returns when to come back, ms since the epoch
 */
export async function watchEarly(
  deps: EarlyDeps,
  id: string,
  state: ExperimentState,
  untilMs: number,
  signal: AbortSignal,
): Promise<number> {
  const rule = deps.settings().earlyAlert ?? null;
  if (rule === null || !isWatchedEarly(state)) return untilMs;
  const nextMs = Math.min(untilMs, deps.clock.nowMs() + LOOK_EVERY_MS);
  if (state.alert !== null) return (await tell(deps, id, state, signal)) ? untilMs : nextMs;
  const services = await look(deps, id, state, rule, signal).catch((cause: unknown) => {
    signal.throwIfAborted();
    deps.log.warn("cannot look for an early alert", { experiment: id, why: describeError(cause) });
    return [];
  });
  if (services.length === 0) return nextMs;
  const alerted = await record(deps, id, state, { kind: "alerted", atMs: timeFor(deps.clock, state), services });
  return (await tell(deps, id, alerted, signal)) ? untilMs : nextMs;
}

async function look(
  deps: EarlyDeps,
  id: string,
  state: ExperimentState,
  rule: EarlyAlertRule,
  signal: AbortSignal,
): Promise<readonly AlertedService[]> {
  const { t0Ms, plan, choice } = state;
  if (t0Ms === null || plan === null || choice === null) return [];
  const nowMs = timeFor(deps.clock, state);
  const passedMs = nowMs - t0Ms;
  const windowMs = earlyWindowMs(rule, passedMs);
  const before = await usualCounts(deps, id, t0Ms, plan.geometry.beforeMs, signal);
  const now = await deps.metrics.recent(nowMs, windowMs, signal);
  const calls = callsOf(await deps.archive.edges(id), await deps.archive.snapshot(id, "before"));
  return failingEarly({ rule, before, now, windowMs, passedMs, guarded: guardedServices(choice, calls) });
}

/** Sends the alert; false when it is to be tried again. */
async function tell(deps: EarlyDeps, id: string, state: ExperimentState, signal: AbortSignal): Promise<boolean> {
  const notice = earlyAlertMessage(await aboutOf(deps, id, state));
  const sinceMs = state.alert?.atMs ?? deps.clock.nowMs();
  const outcome = await deliver(deps, notice, { recoveredMs: null, clearMs: sinceMs }, signal);
  if (typeof outcome !== "string") return false;
  await record(deps, id, state, { kind: "alert-told", news: outcome });
  return true;
}
