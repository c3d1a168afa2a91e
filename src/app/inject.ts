import { describeError, hasCode } from "../core/model/error.ts";
import type { ExperimentPlan, ExperimentState } from "../core/model/experiment.ts";
import { SECOND_MS } from "../core/model/units.ts";
import type { FaultInjector, InjectionOrder } from "../ports/faults.ts";
import type { Lease } from "../ports/lease.ts";
import type { Log } from "../ports/log.ts";
import { type RecordDeps, record } from "./record.ts";

/** The API call is given up after this long; whether it happened is then looked up, never tried again. */
export const INJECTION_TIMEOUT_MS = 15 * SECOND_MS;
/** A fault that stands is swept by any replica this long after its planned end. */
const EXPIRY_MARGIN_MS = 60 * SECOND_MS;

export interface InjectDeps extends RecordDeps {
  readonly lease: Lease;
  readonly injector: FaultInjector;
  readonly log: Log;
}

/** What the injector is asked to do (or undo) for this experiment. */
export function orderOf(state: ExperimentState): InjectionOrder {
  const { plan, choice, t0Ms } = state;
  if (plan === null || choice === null) throw new RangeError("an experiment without a target has no order");
  const durationMs = "durationMs" in choice.fault ? choice.fault.durationMs : 0;
  return {
    experimentId: plan.id,
    fault: choice.fault,
    target: choice.target,
    expiresMs: (t0Ms ?? plan.slotMs) + durationMs + EXPIRY_MARGIN_MS,
  };
}

/**
 * Intent to the lease and to the journal, then the one API call. When the call's outcome cannot be told the experiment stays
 * `intended`, and settling it looks the uid up.
 */
export async function inject(
  deps: InjectDeps,
  id: string,
  chosen: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState> {
  const t0Ms = deps.clock.nowMs();
  if (chosen.plan?.sham) return record(deps, id, chosen, { kind: "pretended", t0Ms });

  const refused = (why: string, gate = "lease") => record(deps, id, chosen, { kind: "refused", gate, why });
  const order = orderOf({ ...chosen, t0Ms });
  try {
    const hold = await deps.lease.hold(signal);
    if (hold === null) return await refused("another replica holds the lease");
    await deps.lease.noteIntent(hold, { experimentId: id, t0Ms, target: describeTarget(order) }, signal);
  } catch (cause) {
    if (hasCode(cause, "journal-conflict")) throw cause;
    return refused(`cannot tell who holds the lease: ${describeError(cause)}`);
  }

  const late = whyLate(chosen.plan, deps.clock.nowMs());
  if (late !== null) return refused(late, "lateness");
  const intended = await record(deps, id, chosen, { kind: "intended", t0Ms });
  try {
    const result = await deps.injector.inject(
      order,
      AbortSignal.any([signal, AbortSignal.timeout(INJECTION_TIMEOUT_MS)]),
    );
    return await record(deps, id, intended, result.kind === "injected" ? { kind: "injected", t0Ms } : result);
  } catch (cause) {
    deps.log.warn("injection has no answer; it will be looked up, not repeated", {
      experiment: id,
      why: describeError(cause),
    });
    return intended;
  }
}

/** The gates may have waited long for their answers: nothing is injected late for that either. */
function whyLate(plan: ExperimentPlan | null, nowMs: number): string | null {
  if (plan === null || nowMs <= plan.slotMs + plan.lateAfterMs) return null;
  return `the gates took until ${Math.round((nowMs - plan.slotMs) / SECOND_MS)} s after the slot: late is never`;
}

const describeTarget = ({ target, fault }: InjectionOrder): string =>
  `${fault.kind} ${target.pods.map((pod) => `${pod.namespace}/${pod.name} (${pod.uid})`).join(", ") || target.services.join(", ")}`;
