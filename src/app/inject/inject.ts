import { evolve } from "../../core/experiment/life.ts";
import { describeError } from "../../core/model/error.ts";
import type { Choice, ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { FaultInjector, InjectionOrder } from "../../ports/faults.ts";
import type { IntentNote, Lease, LeaseHold } from "../../ports/lease.ts";
import type { Log } from "../../ports/log.ts";
import type { Closed } from "../preflight/gate.ts";
import { type LastLook, LOOK_HOLDS_MS, type Looked } from "../preflight/last-look.ts";
import { type RecordDeps, record } from "../records/append-event.ts";
import { knownInstallation } from "../records/installation.ts";
import { callGoesOut, nowFor } from "./active-faults.ts";
import { countFromCall } from "./own-time.ts";

/**
 * The API call is given up after this long; whether it happened is then looked up, never tried
 * again.
 */
export const INJECTION_TIMEOUT_MS = 15 * SECOND_MS;
/**
 * A process that is told to end in its call waits so long for the answer: the journal then says
 * what truly happened. Nothing more is sent.
 */
const LAST_WORD_MS = SECOND_MS;
/** A fault that stands is swept by any replica this long after its planned end. */
const EXPIRY_MARGIN_MS = 60 * SECOND_MS;
/** Saying on the lease what became of an intent is given up after this long, ms of real time. */
const SETTLE_TIMEOUT_MS = 3 * SECOND_MS;

export interface InjectDeps extends RecordDeps {
  readonly lease: Lease;
  readonly injector: FaultInjector;
  readonly log: Log;
}

/** What an injection is given besides what it does. */
export interface Order {
  readonly look: LastLook;
  /** Aborts when a halt is seen: until the call goes out nothing more is done then. */
  readonly cut: AbortSignal;
}

/** What the injector is asked to do (or undo) for this experiment. */
export function orderOf(state: ExperimentState): InjectionOrder {
  const { plan, choice, t0Ms } = state;
  if (plan === null || choice === null) throw new RangeError("an experiment without a target has no order");
  return orderOfChoice(plan.id, choice, t0Ms ?? plan.slotMs);
}

export function orderOfChoice(experimentId: string, { fault, target }: Choice, t0Ms: number): InjectionOrder {
  const durationMs = "durationMs" in fault ? fault.durationMs : 0;
  return { experimentId, fault, target, expiresMs: t0Ms + durationMs + EXPIRY_MARGIN_MS };
}

/**
 * Last look, intent to the lease and to the journal, last look again, then the one API call. When
 * the call's outcome cannot be told the experiment stays `intended`, and settling it looks the uid
 * up.
 */
export async function inject(
  deps: InjectDeps,
  id: string,
  chosen: ExperimentState,
  order: Order,
  signal: AbortSignal,
): Promise<ExperimentState> {
  const why = (closed: Closed): Closed => {
    const cut = whyCut(order.cut);
    return cut === null ? closed : { gate: "halt", why: cut };
  };
  const refuse = (closed: Closed) => record(deps, id, chosen, { kind: "refused", ...why(closed) });
  const preparing = AbortSignal.any([signal, order.cut]);
  const lease: { hold: LeaseHold | null } = { hold: null };
  const take = async () => {
    lease.hold = await deps.lease.hold(preparing);
    return lease.hold === null ? ANOTHER_HOLDS : null;
  };
  const [first, installation] = await Promise.all([
    order.look(preparing, take),
    knownInstallation(deps).catch(() => null),
  ]);
  if ("closed" in first) return refuse(first.closed);
  const t0Ms = deps.clock.nowMs();
  if (chosen.plan?.sham) return record(deps, id, chosen, { kind: "pretended", t0Ms });

  const intent = intentOf(id, chosen, t0Ms, installation);
  const hold = await noteOnLease(deps, lease.hold, intent, preparing);
  if ("closed" in hold) {
    const refused = await refuse(hold.closed);
    await settleOnLease(deps, id, "refused");
    return refused;
  }
  const after = await callOnce(deps, id, chosen, { ...order, intent, hold }, signal);
  if (after.phase !== "intended") await settleOnLease(deps, id, after.injection);
  return after;
}

const ANOTHER_HOLDS = "another replica holds the lease";

/** Writes the intent on the lease that was taken; or why it is not there. */
async function noteOnLease(
  { lease }: InjectDeps,
  hold: LeaseHold | null,
  intent: IntentNote,
  signal: AbortSignal,
): Promise<LeaseHold | { readonly closed: Closed }> {
  if (hold === null) return { closed: { gate: "lease", why: ANOTHER_HOLDS } };
  try {
    await lease.noteIntent(hold, intent, signal);
    return hold;
  } catch (cause) {
    return { closed: { gate: "lease", why: `cannot tell who holds the lease: ${describeError(cause)}` } };
  }
}

interface Noted extends Order {
  readonly intent: IntentNote;
  readonly hold: LeaseHold;
}

async function callOnce(
  deps: InjectDeps,
  id: string,
  chosen: ExperimentState,
  { look, cut, intent, hold }: Noted,
  signal: AbortSignal,
): Promise<ExperimentState> {
  // begins before anybody can find the intent: whoever does counts on the call being over after
  // this time
  const tooLong = AbortSignal.timeout(INJECTION_TIMEOUT_MS);
  const limited = AbortSignal.any([signal, tooLong]);
  const intended = await record(deps, id, chosen, { kind: "intended", t0Ms: intent.t0Ms });
  const again = () => deps.lease.noteIntent(hold, intent, limited).then(() => null);
  const looked = await look(AbortSignal.any([limited, cut]), again);
  const why = "closed" in looked ? `${looked.closed.gate}: ${looked.closed.why}` : (whyCut(cut) ?? whyCut(limited));
  if ("closed" in looked || why !== null) return record(deps, id, intended, { kind: "not-injected", why: why ?? "" });
  const t0Ms = deps.clock.nowMs();
  const order = orderAsSeen(deps, { ...intended, t0Ms }, looked, AbortSignal.any([signal, cut]));
  callGoesOut(deps.clock, { ...intended, t0Ms });
  countFromCall(deps.clock, id, t0Ms);
  const result = await deps.injector
    .inject(order, AbortSignal.any([momentAfter(signal), tooLong]))
    .catch((cause: unknown) => {
      deps.log.warn("injection has no answer; it will be looked up, not repeated", {
        experiment: id,
        why: describeError(cause),
      });
      return null;
    });
  if (result === null) return intended;
  try {
    return await record(deps, id, intended, result.kind === "injected" ? { kind: "injected", t0Ms } : result);
  } catch (cause) {
    deps.log.warn("the journal does not know yet what became of an injection; the lease does", {
      experiment: id,
      why: describeError(cause),
    });
    if (result.kind === "injected") nowFor(deps.clock, evolve(intended, { kind: "injected", t0Ms }));
    await settleOnLease(deps, id, result.kind);
    return intended;
  }
}

/** Aborts a moment after `signal`. */
function momentAfter(signal: AbortSignal): AbortSignal {
  const later = new AbortController();
  const begin = (): void => {
    AbortSignal.timeout(LAST_WORD_MS).addEventListener("abort", () => later.abort(signal.reason), { once: true });
  };
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin, { once: true });
  return later.signal;
}

/** By how much the clock of windows may be set between the last look and the call, ms. */
const CLOCK_STEP_MS = 30 * SECOND_MS;

/**
 * The order for the pods in the versions that were seen. It goes stale: credentials or a connection
 * may take long to be had, and the API server's clock may be set by an hour meanwhile.
 */
function orderAsSeen(
  { clock }: InjectDeps,
  intended: ExperimentState,
  { pods, askedAtMs }: Exclude<Looked, { readonly closed: Closed }>,
  cut: AbortSignal,
): InjectionOrder {
  const order = orderOf(intended);
  const aheadMs = (): number => clock.nowMs() - clock.monotonicMs();
  const lookedAheadMs = aheadMs();
  let begun = false;
  const whyStale = (): string | null => {
    if (begun) return null;
    if (Math.abs(aheadMs() - lookedAheadMs) > CLOCK_STEP_MS) return "the clock was set after the last look";
    begun = clock.realMs() - askedAtMs <= LOOK_HOLDS_MS;
    return begun ? null : "the last look was too long ago when the request could be sent";
  };
  return { ...order, target: { ...order.target, pods }, whyNot: () => whyCut(cut) ?? whyStale() };
}

const whyCut = (cut: AbortSignal): string | null => (cut.aborted ? describeError(cut.reason) : null);

/** Who halts waits for this. When it fails the journal still knows. */
export async function settleOnLease(
  { lease, log }: Pick<InjectDeps, "lease" | "log">,
  id: string,
  outcome: string,
): Promise<void> {
  await lease.settleIntent(id, outcome, AbortSignal.timeout(SETTLE_TIMEOUT_MS)).catch((cause: unknown) => {
    log.warn("the lease does not say what became of an intent", { experiment: id, why: describeError(cause) });
  });
}

function intentOf(id: string, chosen: ExperimentState, t0Ms: number, installation: string | null): IntentNote {
  const { choice, plan } = chosen;
  return {
    experimentId: id,
    t0Ms,
    target: describeTarget(orderOf({ ...chosen, t0Ms })),
    ...(choice === null || plan === null ? {} : { choice, plan }),
    ...(installation === null ? {} : { installation }),
  };
}

const describeTarget = ({ target, fault }: InjectionOrder): string =>
  `${fault.kind} ${target.pods.map((pod) => `${pod.namespace}/${pod.name} (${pod.uid})`).join(", ") || target.services.join(", ")}`;
