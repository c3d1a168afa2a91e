import { isUnsettled } from "../../core/experiment/life.ts";
import { undoDueMs } from "../../core/experiment/next.ts";
import { describeError } from "../../core/model/error.ts";
import type { ExperimentId, ExperimentState } from "../../core/model/experiment.ts";
import { MINUTE_MS, SECOND_MS } from "../../core/model/units.ts";
import { advance } from "../experiment/advance.ts";
import { standDown } from "../experiment/stand-down.ts";
import { restoreLost } from "../inject/restore-intent.ts";
import { type FollowHaltDeps, followHalt } from "../policies/follow-halt.ts";
import { sweep } from "./sweep.ts";

/** What could not be settled is tried again this soon. */
const AGAIN_MS = 2 * SECOND_MS;
/**
 * What is not settled this long after the last active fault should have ended is left to the next
 * run, which says so.
 */
const PATIENCE_MS = 15 * MINUTE_MS;

/**
 * Does for a process that ends soon what a worker does all the time: sweeps, goes on with every
 * open experiment that is due, obeys a halt and lowered policies, and waits until no fault is
 * active and no intent is without an outcome. Whoever began an experiment may be dead.
 * @param waiting told what is waited for, once for each experiment
 */
export async function takeOver(
  deps: FollowHaltDeps,
  waiting: (state: ExperimentState) => void,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const meanwhile = AbortSignal.any([signal, over.signal]);
  const beside = Promise.all([followHalt(deps, meanwhile), standDownLowered(deps, meanwhile)]);
  try {
    await restoreLost(deps, signal);
    await sweep(deps, signal);
    const due = new Map<ExperimentId, number>();
    for (const state of await deps.book.open()) {
      if (!isSomebodysNext(state, deps.clock.nowMs())) due.set(idOf(state), await goOn(deps, idOf(state), signal));
    }
    await untilSettled(deps, due, waiting, signal);
  } finally {
    over.abort();
    await beside;
  }
}

/**
 * Whoever planned it may be asking the gates at this moment; once its time is over it is missed.
 */
function isSomebodysNext({ phase, plan }: ExperimentState, nowMs: number): boolean {
  if (plan === null || (phase !== "planned" && phase !== "chosen")) return false;
  return plan.natural === undefined && nowMs <= plan.slotMs + plan.lateAfterMs;
}

/**
 * Goes on with each when it is due; looks every two seconds, for a stop or another process may
 * settle it before.
 */
async function untilSettled(
  deps: FollowHaltDeps,
  due: Map<ExperimentId, number>,
  waiting: (state: ExperimentState) => void,
  signal: AbortSignal,
): Promise<void> {
  const told = new Set<ExperimentId>();
  const startMs = deps.clock.nowMs();
  for (;;) {
    const unsettled = (await deps.book.open()).filter(isUnsettled);
    if (unsettled.length === 0) return;
    if (deps.clock.nowMs() > Math.max(startMs, ...unsettled.map(undoDueMs)) + PATIENCE_MS) return;
    for (const state of unsettled) {
      const id = idOf(state);
      if (!told.has(id)) waiting(state);
      told.add(id);
      if ((due.get(id) ?? 0) <= deps.clock.nowMs()) due.set(id, await goOn(deps, id, signal));
    }
    await deps.clock.sleep(AGAIN_MS, signal);
  }
}

/** One experiment that cannot be gone on with keeps nobody from the others. */
async function goOn(deps: FollowHaltDeps, id: ExperimentId, signal: AbortSignal): Promise<number> {
  try {
    return (await advance(deps, id, signal)) ?? deps.clock.nowMs();
  } catch (cause) {
    if (signal.aborted) throw cause;
    deps.log.error("an experiment could not be gone on with; it is tried again", {
      experiment: id,
      why: describeError(cause),
    });
    return deps.clock.nowMs() + AGAIN_MS;
  }
}

/**
 * What a lower mode, read by nobody when it was written, means for faults that are active. A policy
 * of another configuration is not ours to judge.
 */
async function standDownLowered(deps: FollowHaltDeps, signal: AbortSignal): Promise<void> {
  const { policies } = deps.settings();
  const lowered = policies.filter((policy) => policy.mode !== "inject").map((policy) => policy.name);
  const concerns = ({ plan }: ExperimentState) => plan !== null && lowered.includes(plan.policy);
  if (lowered.length === 0 || !(await deps.book.open().catch(() => [])).some(concerns)) return;
  await standDown(deps, concerns, { why: "its policy may no longer inject", by: "the configuration" }, signal);
}

/**
 * Sweeps once more and names what is still to be settled, a sentence each: while there is any, no
 * run may say that all is well. What cannot be told is left, too. Never rejects.
 */
export async function leftBehind(deps: FollowHaltDeps, signal: AbortSignal): Promise<readonly string[]> {
  const left: string[] = [];
  try {
    await restoreLost(deps, signal);
    await sweep(deps, signal, (what) => void left.push(what));
    left.push(...(await deps.book.open()).filter(isUnsettled).map(describeUnsettled));
  } catch (cause) {
    left.push(`cannot tell whether a fault is still active: ${describeError(cause)}`);
  }
  return left;
}

/** `experiment p-1: its http-abort is active`, for people. */
export const describeUnsettled = (state: ExperimentState): string =>
  state.phase === "intended"
    ? `experiment ${idOf(state)}: nobody knows yet whether its ${state.choice?.fault.kind} was done`
    : `experiment ${idOf(state)}: its ${state.choice?.fault.kind} is active`;

const idOf = ({ plan }: ExperimentState): ExperimentId => plan?.id ?? "";
