import { doneFromOutside } from "../../core/experiment/cure.ts";
import { extensionFor, stillWorse } from "../../core/experiment/extension.ts";
import { endMs } from "../../core/experiment/next.ts";
import { withoutSetClock } from "../../core/experiment/set-clock.ts";
import { describeError } from "../../core/model/error.ts";
import type { ExperimentEvent, ExperimentState } from "../../core/model/experiment.ts";
import type { Judgement } from "../../core/model/verdict.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { Log } from "../../ports/log.ts";
import { timeFor } from "../inject/own-time.ts";
import type { Archive } from "../records/archive.ts";
import type { Book } from "../records/experiment-reader.ts";

export interface ExtendDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly book: Book;
  readonly archive: Archive;
  readonly cluster: ClusterReader;
}

type GoesOn = Extract<ExperimentEvent, { kind: "extended" | "curtailed" }>;

/**
 * What is written down instead of a judgement that settles nothing yet: that it is observed for
 * longer; or, when something was done to the services from outside meanwhile and what became of
 * them says nothing of themselves any more, that the planned end counts after all. Null when the
 * judgement stands.
 */
export async function goOnObserving(
  deps: ExtendDeps,
  id: string,
  state: ExperimentState,
  judgement: Judgement,
  signal: AbortSignal,
): Promise<GoesOn | null> {
  const longer = extensionFor(state, judgement);
  const running = state.extension !== null && !state.extension.over;
  if (longer === null && (!running || stillWorse(judgement).length > 0)) return null;
  const found = longer?.found ?? state.extension?.found ?? [];
  const mended = await whoMended(deps, id, state, [...new Set(found.map(({ service }) => service))], signal);
  if (mended !== null) return running ? { kind: "curtailed", why: mended } : null;
  return longer === null || (await hasCompany(deps, id, state)) ? null : longer;
}

/**
 * What was done since the target was whole again and may have mended `services`, or that nobody can
 * tell; null: nothing.
 */
async function whoMended(
  deps: ExtendDeps,
  id: string,
  state: ExperimentState,
  services: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  const { clearMs } = state;
  const before = await deps.archive.snapshot(id, "before");
  if (before === null || clearMs === null) return null;
  const names = before.namespaces.map((one) => one.name);
  try {
    const now = await deps.cluster.snapshot(names, signal);
    const nowMs = timeFor(deps.clock, state);
    return doneFromOutside(withoutSetClock(before, now, nowMs), services, clearMs, nowMs);
  } catch (cause) {
    signal.throwIfAborted();
    deps.log.warn("cannot see whether anybody mended it; it is judged as it was at its planned end", {
      experiment: id,
      why: describeError(cause),
    });
    return "the cluster does not answer, so nobody can tell whether it was mended from outside";
  }
}

/** Another experiment began since: what both do could not be told apart. */
async function hasCompany({ book, clock }: ExtendDeps, id: string, state: ExperimentState): Promise<boolean> {
  const sinceMs = endMs(state);
  const others = await book.between(sinceMs, timeFor(clock, state) + 1);
  return others.some((one) => one.plan?.id !== id && one.t0Ms !== null && one.plan?.sham === false);
}
