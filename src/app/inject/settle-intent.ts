import { describeError } from "../../core/model/error.ts";
import type { ExperimentEvent, ExperimentState } from "../../core/model/experiment.ts";
import { MINUTE_MS, SECOND_MS } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import { record } from "../records/append-event.ts";
import { countedNowMs } from "./active-faults.ts";
import { INJECTION_TIMEOUT_MS, type InjectDeps, orderOf, orderOfChoice, settleOnLease } from "./inject.ts";

/**
 * Whoever wrote the intent may still be in the call: nobody looks before it must be over, by the
 * lookers' own counters.
 */
const LOOK_AFTER_MS = INJECTION_TIMEOUT_MS + 5 * SECOND_MS;
/** A process that lives shorter than this helps nobody to settle an intent. */
const STRETCH_MS = 5 * SECOND_MS;
/** When the cluster cannot tell for this long, the experiment goes on as unsure. */
const GIVE_UP_AFTER_MS = 10 * MINUTE_MS;

/** Why an experiment is unsure whose cluster answered nobody for so long. */
export const UNASKED = "the cluster could not be asked";

/**
 * Since when this process watches each intent, by the counter of its clock, and on top of which
 * entry of the journal.
 */
const watches = new WeakMap<Clock, Map<string, { readonly seq: number; readonly sinceMs: number }>>();

/** So long has this process watched the intent since the journal's last entry. */
function watchedMs(clock: Clock, id: string, { seq }: ExperimentState): number {
  const known = watches.get(clock) ?? new Map();
  watches.set(clock, known);
  if (known.get(id)?.seq !== seq) known.set(id, { seq, sinceMs: clock.monotonicMs() });
  return clock.monotonicMs() - (known.get(id)?.sinceMs ?? 0);
}

/**
 * The outcome of an intent that was found without one, or the time of the next look. Never injects.
 * How long the intent was watched is written down now and then, so that processes which live for
 * seconds settle it together. Times of writing say nothing: clocks may be an hour away, and the
 * writer may be calling at this moment.
 */
export async function settleIntent(
  deps: InjectDeps,
  id: string,
  intended: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState | { readonly untilMs: number }> {
  const nowMs = deps.clock.nowMs();
  const t0Ms = intended.t0Ms ?? nowMs;
  const ms = watchedMs(deps.clock, id, intended);
  const allMs = intended.awaitedMs + ms;
  const told = await toldByLease(deps, id, t0Ms, signal);
  if (told !== null) return record(deps, id, intended, told);
  if (allMs < LOOK_AFTER_MS) {
    if (ms >= STRETCH_MS) return record(deps, id, intended, { kind: "awaited", ms });
    return { untilMs: nowMs + Math.min(STRETCH_MS - ms, LOOK_AFTER_MS - allMs) };
  }

  const done = await deps.injector.wasDone(orderOf(intended), signal).catch((cause: unknown) => {
    deps.log.warn("cannot look up whether the fault was injected", { experiment: id, why: describeError(cause) });
    return "cannot-tell" as const;
  });
  if (done === "cannot-tell" && allMs < GIVE_UP_AFTER_MS) {
    if (ms > 0) watchedMs(deps.clock, id, await record(deps, id, intended, { kind: "awaited", ms }));
    return { untilMs: nowMs + LOOK_AFTER_MS };
  }
  watches.get(deps.clock)?.delete(id);
  if (done === "not-done") await takeBack(deps, id, intended, signal);
  const state = await record(deps, id, intended, outcomeOf(done, intended, t0Ms));
  await settleOnLease(deps, id, state.injection);
  return state;
}

/**
 * What the lease says became of the last intent: whoever called could not write it into the
 * journal, or the journal has lost it. Null: nothing, or it cannot be read.
 */
async function toldByLease(
  { lease }: InjectDeps,
  id: string,
  t0Ms: number,
  signal: AbortSignal,
): Promise<ExperimentEvent | null> {
  const noted = await lease.intentOf(id, signal).catch(() => null);
  if (noted === null || noted === "past") return null;
  switch (noted.outcome) {
    case "injected":
      return { kind: "injected", t0Ms };
    case "unsure":
      return { kind: "injected-unsure", t0Ms, why: "the lease says that its fault was seen in the cluster" };
    case "refused":
    case "not-injected":
      return { kind: "not-injected", why: "the lease says that nothing was done" };
    default:
      return null;
  }
}

/**
 * Writes down that the fault of an intent acted, before a sweep takes it back because its time is
 * over: afterwards the cluster shows nothing of it, and the journal would say that nothing was
 * touched. What cannot be looked up now is swept all the same, for a fault that stands is worse.
 * @param open experiments, of which those matter whose outcome nobody knows
 */
export async function witnessExpired(
  deps: InjectDeps,
  open: readonly ExperimentState[],
  signal: AbortSignal,
): Promise<void> {
  const nowMs = countedNowMs(deps.clock);
  for (const intended of open) {
    const { phase, plan, choice } = intended;
    if (phase !== "intended" || plan === null || choice === null || !("durationMs" in choice.fault)) continue;
    if (orderOf(intended).expiresMs > nowMs) continue;
    try {
      await witness(deps, plan.id, intended, signal);
    } catch (cause) {
      // somebody else wrote first, or the cluster does not answer
      deps.log.warn("cannot write down that an expired fault acted", {
        experiment: plan.id,
        why: describeError(cause),
      });
    }
  }
}

/**
 * Writes down that the fault of an intent acted, if it is seen in the cluster now; answers the
 * state after it.
 */
export async function witness(
  deps: InjectDeps,
  id: string,
  intended: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState> {
  if ((await deps.injector.wasDone(orderOf(intended), signal)) !== "done") return intended;
  const state = await record(deps, id, intended, outcomeOf("done", intended, intended.t0Ms ?? deps.clock.nowMs()));
  await settleOnLease(deps, id, state.injection);
  return state;
}

/**
 * The same while the journal is away: the lease keeps that the fault of its last intent acted.
 * Never rejects.
 * @param over the expiry from which on a fault is taken back
 */
export async function witnessOnLease(
  deps: Pick<InjectDeps, "injector" | "lease" | "log">,
  over: (expiresMs: number) => boolean,
  signal: AbortSignal,
) {
  try {
    const noted = await deps.lease.lastIntent(signal);
    if (noted?.choice === undefined || noted.outcome !== null || !("durationMs" in noted.choice.fault)) return;
    const order = orderOfChoice(noted.experimentId, noted.choice, noted.t0Ms);
    if (!over(order.expiresMs) || (await deps.injector.wasDone(order, signal)) !== "done") return;
    await settleOnLease(deps, noted.experimentId, "unsure");
  } catch (cause) {
    signal.throwIfAborted();
    deps.log.warn("cannot write on the lease that a fault acted", { why: describeError(cause) });
  }
}

function outcomeOf(
  done: Awaited<ReturnType<InjectDeps["injector"]["wasDone"]>>,
  intended: ExperimentState,
  t0Ms: number,
): ExperimentEvent {
  if (done === "not-done")
    return { kind: "not-injected", why: "the worker stopped between intent and call; nothing was touched" };
  const why = done === "done" ? `the answer to the call was lost; ${seenDone(intended)}` : UNASKED;
  return { kind: "injected-unsure", t0Ms, why };
}

/**
 * A cordon may stand although no pod went. What cannot be taken back now is swept later: its
 * experiment is over.
 */
async function takeBack(deps: InjectDeps, id: string, intended: ExperimentState, signal: AbortSignal): Promise<void> {
  const order = orderOf(intended);
  if (!("durationMs" in order.fault)) return;
  await deps.injector.undo(order, signal).catch((cause: unknown) => {
    deps.log.warn("what a fault that did not act left behind is not undone yet", {
      experiment: id,
      why: describeError(cause),
    });
  });
}

const seenDone = ({ choice }: ExperimentState): string =>
  choice !== null && "durationMs" in choice.fault
    ? "the fault is seen in the cluster"
    : "the pod is gone or terminating";
