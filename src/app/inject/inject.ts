import { describeError, hasCode } from "../../core/model/error.ts";
import type { ExperimentPlan, ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { FaultInjector, InjectionOrder } from "../../ports/faults.ts";
import type { IntentNote, Lease, LeaseHold } from "../../ports/lease.ts";
import type { Log } from "../../ports/log.ts";
import { type RecordDeps, record } from "../records/append-event.ts";

/** The API call is given up after this long; whether it happened is then looked up, never tried again. */
export const INJECTION_TIMEOUT_MS = 15 * SECOND_MS;
/** An intent that was noted on the lease longer ago than this is noted again before the call. */
const NOTE_HOLDS_MS = 2 * SECOND_MS;
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
 * @param whyNot asked last: why nothing may be injected any more, or null
 */
export async function inject(
  deps: InjectDeps,
  id: string,
  chosen: ExperimentState,
  signal: AbortSignal,
  whyNot: () => string | null = () => null,
): Promise<ExperimentState> {
  const t0Ms = deps.clock.nowMs();
  if (chosen.plan?.sham) return record(deps, id, chosen, { kind: "pretended", t0Ms });

  const refused = (why: string, gate = "lease") => record(deps, id, chosen, { kind: "refused", gate, why });
  const order = orderOf({ ...chosen, t0Ms });
  const intent = { experimentId: id, t0Ms, target: describeTarget(order) };
  let hold: LeaseHold | null;
  try {
    hold = await deps.lease.hold(signal);
    if (hold === null) return await refused("another replica holds the lease");
    await deps.lease.noteIntent(hold, intent, signal);
  } catch (cause) {
    if (hasCode(cause, "journal-conflict")) throw cause;
    return refused(`cannot tell who holds the lease: ${describeError(cause)}`);
  }

  const notedMs = deps.clock.nowMs();
  const late = whyLate(chosen.plan, notedMs);
  if (late !== null) return refused(late, "lateness");
  // begins before anybody can find the intent: whoever does counts on the call being over after this time
  const limited = AbortSignal.any([signal, AbortSignal.timeout(INJECTION_TIMEOUT_MS)]);
  const intended = await record(deps, id, chosen, { kind: "intended", t0Ms });
  const gone =
    (await whyOvertaken(deps, { hold, intent, notedMs }, limited)) ?? whyLate(chosen.plan, deps.clock.nowMs());
  const why = gone ?? whyNot();
  if (why !== null) return record(deps, id, intended, { kind: "not-injected", why });
  try {
    const result = await deps.injector.inject(order, limited);
    return await record(deps, id, intended, result.kind === "injected" ? { kind: "injected", t0Ms } : result);
  } catch (cause) {
    deps.log.warn("injection has no answer; it will be looked up, not repeated", {
      experiment: id,
      why: describeError(cause),
    });
    return intended;
  }
}

interface Noted {
  readonly hold: LeaseHold;
  readonly intent: IntentNote;
  readonly notedMs: number;
}

/** A journal that took long to take the intent down: there may be a halt by now, or another holder of the lease, who goes on from the journal. */
async function whyOvertaken(
  { lease, clock }: InjectDeps,
  { hold, intent, notedMs }: Noted,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    if (clock.nowMs() - notedMs > NOTE_HOLDS_MS) await lease.noteIntent(hold, intent, signal);
    signal.throwIfAborted();
    return null;
  } catch (cause) {
    return `overtaken before the call: ${describeError(cause)}`;
  }
}

/** Gates or the journal may have taken long to answer: nothing is injected late for that either. */
function whyLate(plan: ExperimentPlan | null, nowMs: number): string | null {
  if (plan === null || nowMs <= plan.slotMs + plan.lateAfterMs) return null;
  return `gates and journal took until ${Math.round((nowMs - plan.slotMs) / SECOND_MS)} s after the slot: late is never`;
}

const describeTarget = ({ target, fault }: InjectionOrder): string =>
  `${fault.kind} ${target.pods.map((pod) => `${pod.namespace}/${pod.name} (${pod.uid})`).join(", ") || target.services.join(", ")}`;
