import type { ServiceId } from "../model/cluster.ts";
import type { AlertedService, ExperimentState } from "../model/experiment.ts";
import type { EarlyAlertRule } from "../model/policy.ts";
import { SECOND_MS } from "../model/units.ts";
import { logIncompleteBeta } from "../stats/incomplete-beta.ts";
import type { Counted } from "./abort.ts";
import { undoDueMs } from "./next.ts";

/**
 * So improbable must the failures be even if the service failed this many times as often as usual:
 * once in a million looks.
 */
const LOG_P_MAX = Math.log(1e-6);
const USUAL_SWING = 3;
/** Two scrapes at least lie in what is compared, whatever has passed since the fault. */
const LEAST_WINDOW_MS = 30 * SECOND_MS;

export interface EarlyLook {
  readonly rule: EarlyAlertRule;
  readonly before: readonly Counted[];
  /**
   * Counts over the last `windowMs`. A service that is absent was not scraped, which says nothing.
   */
  readonly now: readonly Counted[];
  readonly windowMs: number;
  /** Time since the fault, ms. */
  readonly passedMs: number;
  readonly guarded: ReadonlySet<ServiceId>;
}

/**
 * What is compared: the time since the fault, but no less than two scrapes and no more than the
 * rule says.
 */
export const earlyWindowMs = ({ windowMs }: EarlyAlertRule, passedMs: number): number =>
  Math.max(LEAST_WINDOW_MS, Math.min(windowMs, passedMs));

/** Services that fail far beyond chance, worst first. */
export function failingEarly(look: EarlyLook): readonly AlertedService[] {
  const usual = new Map(look.before.map((one) => [one.service, one]));
  return look.now
    .flatMap((one) => {
      const then = usual.get(one.service);
      return look.guarded.has(one.service) && then !== undefined ? failing(one, then, look) : [];
    })
    .toSorted((a, b) => b.share - a.share || (a.service < b.service ? -1 : 1));
}

function failing(now: Counted, before: Counted, { rule, windowMs, passedMs }: EarlyLook): AlertedService[] {
  const failures = Math.round(now.failures);
  const requests = Math.max(failures, Math.round(now.requests));
  const usual = (before.failures + 0.5) / (before.requests + 1);
  const swung = Math.min(0.5, USUAL_SWING * usual);
  // of the window only what lies after the fault can be its doing
  const exposed = Math.max(failures, Math.min(1, passedMs / windowMs) * requests);
  const share = exposed === 0 ? 0 : failures / exposed;
  if (failures < rule.failures || share - usual < rule.share) return [];
  if (logIncompleteBeta(swung, failures, requests - failures + 1) >= LOG_P_MAX) return [];
  return [{ service: now.service, share, before: before.failures / Math.max(1, before.requests), failures, requests }];
}

/**
 * Whether an early alert is looked for: something was injected or happened, and there is no verdict
 * yet.
 */
export const isWatchedEarly = ({ phase, plan, injection, t0Ms, alert, aborted }: ExperimentState): boolean =>
  (phase === "observing" || phase === "cleared") &&
  plan?.sham !== true &&
  injection !== "pretended" &&
  t0Ms !== null &&
  aborted === null &&
  (alert === null || !alert.told);

/**
 * When the verdict is expected, ms since the epoch; `clearAfterMs` is how long the target needs to
 * be whole again while that is not known.
 */
export function verdictDueMs(state: ExperimentState, clearAfterMs: number): number | null {
  const { plan, t0Ms, clearMs, extension } = state;
  if (plan === null || t0Ms === null) return null;
  if (extension !== null && !extension.over) return extension.toMs + plan.geometry.stepMs;
  const wholeMs = clearMs ?? Math.max(t0Ms, undoDueMs(state)) + clearAfterMs;
  return wholeMs + plan.geometry.graceMs + plan.geometry.lateMs + plan.geometry.stepMs;
}
