import { describeError } from "../../core/model/error.ts";
import type { ExperimentId } from "../../core/model/experiment.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../core/model/units.ts";
import type { Annotations } from "../annotate/annotations.ts";
import { advance } from "../experiment/advance.ts";
import { planExperiment, planOf } from "../experiment/plan.ts";
import { overdueFaults } from "../inject/active-faults.ts";
import { endOverdue } from "../inject/end-overdue.ts";
import { restoreLost } from "../inject/restore-intent.ts";
import { type WatchLossesDeps, watchLosses } from "../natural/watch-losses.ts";
import { repeatOpen } from "../notify/repeat-open.ts";
import { beginDigests, sendDigests } from "../notify/send-digests.ts";
import type { ReportDeps } from "../notify/send-report.ts";
import { sendReport } from "../notify/send-report.ts";
import { type FollowHaltDeps, followHalt } from "../policies/follow-halt.ts";
import { type FollowPoliciesDeps, followPolicies, readPolicies } from "../policies/follow-policies.ts";
import { type RetainDeps, retain } from "../records/retain.ts";
import { type PlanAheadDeps, planAhead } from "../schedule/plan-ahead.ts";
import { keyOf, slotFor, wakeUpOf } from "../schedule/wake-ups.ts";
import { LOOPS, type Loop } from "./loops.ts";
import { sweep } from "./sweep.ts";

const REPLAN_EVERY_MS = 5 * MINUTE_MS;
/** What others left open is found this soon. */
const FOLLOW_EVERY_MS = MINUTE_MS;
/**
 * A fault whose time is over ends this soon, even if the queue's clock was set back and wakes
 * nobody.
 */
const END_FAULTS_EVERY_MS = 2 * SECOND_MS;
/** A standing fault that nobody looks after is found this soon. */
const SWEEP_EVERY_MS = MINUTE_MS;
/** Receivers that forget are told this often what still holds. */
const REPEAT_EVERY_MS = 5 * MINUTE_MS;
/** Annotations are brought up to date this often. */
const ANNOTATE_EVERY_MS = 15 * SECOND_MS;
/** Expired data is removed this often. */
const RETAIN_EVERY_MS = 6 * HOUR_MS;

export type WorkDeps = FollowHaltDeps &
  WatchLossesDeps &
  FollowPoliciesDeps &
  ReportDeps &
  RetainDeps &
  PlanAheadDeps & {
    /** Absent: nobody is to be told. */
    readonly annotations?: Annotations;
    /** Hears of each loop that came to its end without a failure. */
    readonly worked?: (loop: Loop) => void;
  };

/** When this process comes back to each experiment, by the counter of its clock. */
type Returns = Map<ExperimentId, number>;

/** Handles one wake-up: the journal says what is due, the queue only said when to look. */
async function handle(deps: WorkDeps, returns: Returns, key: string, signal: AbortSignal): Promise<void> {
  const wakeUp = wakeUpOf(key);
  switch (wakeUp?.kind) {
    case "slot": {
      const slot = slotFor(deps.settings(), wakeUp);
      if (slot === null) return;
      await planExperiment(deps, planOf(slot, deps.settings(), false));
      return goOn(deps, returns, slot.id, signal);
    }
    case "experiment":
      return goOn(deps, returns, wakeUp.id, signal);
    case "report":
      return sendReport(deps, wakeUp.atMs, signal);
    case "digests":
      return sendDigests(deps, wakeUp.atMs, signal);
    case undefined:
      deps.log.warn("unknown queue key ignored", { key });
  }
}

async function goOn(deps: WorkDeps, returns: Returns, id: ExperimentId, signal: AbortSignal): Promise<void> {
  const { clock, queue } = deps;
  const untilMs = await advance(deps, id, signal);
  if (untilMs === null) return void returns.delete(id);
  returns.set(id, clock.monotonicMs() + Math.max(0, untilMs - clock.nowMs()));
  await queue.wake(keyOf({ kind: "experiment", id }), Math.max(untilMs, clock.nowMs() + 1));
}

/**
 * Works until `signal` aborts: goes on with what was left open, plans slots ahead, sweeps faults
 * that stand too long. Nothing is injected at start: every injection has a slot of its own.
 */
export async function work(deps: WorkDeps, signal: AbortSignal): Promise<void> {
  const { annotations } = deps;
  const halts = followHalt(deps, signal);
  const ending = endOverdue(deps, signal);
  const returns: Returns = new Map();
  try {
    await restoreLost(deps, signal);
    await sweep(deps, signal);
    await readPolicies(deps, deps.settings().teams ?? null, signal);
    await beginDigests(deps);
  } catch (cause) {
    if (!signal.aborted) throw cause;
  }
  if (signal.aborted) return void (await Promise.all([halts, ending])); // told to stop before it began
  await deps.queue.start((key, stop) => handle(deps, returns, key, stop));
  await Promise.all([
    halts,
    ending,
    watchLosses(deps, signal),
    followPolicies(deps, async () => void (await planAhead(deps)), signal),
    every(deps, REPLAN_EVERY_MS, signal, "plan", async () => void (await planAhead(deps))),
    every(deps, FOLLOW_EVERY_MS, signal, "follow", () => followOpen(deps, returns)),
    every(deps, END_FAULTS_EVERY_MS, signal, "end-faults", async () => {
      await Promise.all(overdueFaults(deps.clock).map(({ plan }) => goOn(deps, returns, plan?.id ?? "", signal)));
    }),
    every(deps, SWEEP_EVERY_MS, signal, "sweep", () => sweep(deps, signal)),
    every(deps, REPEAT_EVERY_MS, signal, "repeat", () => repeatOpen(deps, signal)),
    every(deps, HOUR_MS, signal, "history", () => deps.history.refresh(deps.settings().geometry.stepMs, signal)),
    ...(annotations === undefined
      ? []
      : [every(deps, ANNOTATE_EVERY_MS, signal, "annotate", () => annotations.look(signal))]),
    every(deps, RETAIN_EVERY_MS, signal, "retain", async () => void (await retain(deps, signal))),
  ]);
}

/**
 * Wakes everything that is open and that this process does not come back to by itself: what an
 * earlier process or a run by hand left, and what the queue may have lost. Else each minute would
 * begin one more chain of wake-ups for what is waited for.
 */
async function followOpen({ book, queue, clock }: WorkDeps, returns: Returns): Promise<void> {
  for (const { plan, phase } of await book.open()) {
    if (plan === null || phase === "planned") continue;
    if (clock.monotonicMs() < (returns.get(plan.id) ?? 0) + FOLLOW_EVERY_MS) continue;
    await queue.wake(keyOf({ kind: "experiment", id: plan.id }), clock.nowMs());
  }
}

/**
 * Does `task` now and then every `everyMs` until `signal` aborts; a failure is logged and does not
 * end it.
 */
async function every(
  deps: WorkDeps,
  everyMs: number,
  signal: AbortSignal,
  loop: Loop,
  task: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await task();
      deps.worked?.(loop);
    } catch (cause) {
      if (!signal.aborted)
        deps.log.error("something that is done regularly failed; it will be tried again", {
          what: LOOPS[loop],
          why: describeError(cause),
        });
    }
    await deps.clock.sleep(everyMs, signal).catch(() => undefined);
  }
}
