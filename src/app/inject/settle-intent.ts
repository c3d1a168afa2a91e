import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { MINUTE_MS, SECOND_MS } from "../../core/model/units.ts";
import { record } from "../records/append-event.ts";
import { INJECTION_TIMEOUT_MS, type InjectDeps, orderOf } from "./inject.ts";

/** Whoever wrote the intent may still be in the call: nobody looks before it must be over, by the looker's own clock. */
const LOOK_AFTER_MS = INJECTION_TIMEOUT_MS + 5 * SECOND_MS;
/** When the cluster cannot tell for this long, the experiment goes on as unsure. */
const GIVE_UP_AFTER_MS = 10 * MINUTE_MS;

/** Why an experiment is unsure whose cluster answered nobody for so long. */
export const UNASKED = "the cluster could not be asked";

/**
 * When this process first found each intent open. Its time of writing says nothing here: the writer's clock may be an hour away, and it may be
 * calling at this moment.
 */
const firstSeen = new Map<string, number>();

/** The outcome of an intent that was found without one, or the time of the next look. Never injects. */
export async function settleIntent(
  deps: InjectDeps,
  id: string,
  intended: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState | { readonly untilMs: number }> {
  const nowMs = deps.clock.nowMs();
  const t0Ms = intended.t0Ms ?? nowMs;
  const seenMs = firstSeen.get(id) ?? nowMs;
  firstSeen.set(id, seenMs);
  if (nowMs < seenMs + LOOK_AFTER_MS) return { untilMs: seenMs + LOOK_AFTER_MS };

  const done = await deps.injector.wasDone(orderOf(intended), signal).catch((cause: unknown) => {
    deps.log.warn("cannot look up whether the fault was injected", { experiment: id, why: describeError(cause) });
    return "cannot-tell" as const;
  });
  if (done === "cannot-tell" && nowMs < seenMs + GIVE_UP_AFTER_MS) return { untilMs: nowMs + LOOK_AFTER_MS };
  firstSeen.delete(id);
  if (done === "not-done") {
    await takeBack(deps, id, intended, signal);
    return record(deps, id, intended, {
      kind: "not-injected",
      why: "the worker stopped between intent and call; nothing was touched",
    });
  }
  const why = done === "done" ? `the answer to the call was lost; ${seenDone(intended)}` : UNASKED;
  return record(deps, id, intended, { kind: "injected-unsure", t0Ms, why });
}

/** A cordon may stand although no pod went. What cannot be taken back now is swept later: its experiment is over. */
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
