import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { witnessOnLease } from "../inject/settle-intent.ts";
import { mayStand, type Stop } from "../inject/stop.ts";
import { type AdvanceDeps, stopAndUndo } from "./advance.ts";

/** What could not be undone is tried again this soon. */
const AGAIN_MS = SECOND_MS / 2;

/**
 * Stops every experiment that `concerns` and undoes its active fault, again and again until none
 * can be active any more or `signal` aborts. While the journal is away, everything of ours that the
 * cluster itself knows of is undone: better one fault too short than one too long.
 */
export async function standDown(
  deps: AdvanceDeps,
  concerns: (state: ExperimentState) => boolean,
  why: Stop,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const left = await stopAll(deps, concerns, why, signal).catch(async (cause: unknown) => {
      if (!signal.aborted) await sweepAll(deps, cause, signal);
      return true;
    });
    if (!left) return;
    await deps.clock.sleep(AGAIN_MS, signal).catch(() => undefined);
  }
}

/** True when something may still stand. */
async function stopAll(
  deps: AdvanceDeps,
  concerns: (state: ExperimentState) => boolean,
  why: Stop,
  signal: AbortSignal,
): Promise<boolean> {
  const standing = async () => (await deps.book.open()).filter((state) => mayStand(state) && concerns(state));
  const found = await standing();
  await Promise.all(
    found.map(async ({ plan, phase }) => {
      if (plan === null || phase === "chosen") return;
      await stopAndUndo(deps, plan.id, why, signal).catch((cause: unknown) => {
        deps.log.error("an experiment could not be stopped; it will be tried again", {
          experiment: plan.id,
          why: describeError(cause),
        });
      });
    }),
  );
  return found.length > 0 && (await standing()).length > 0;
}

async function sweepAll(deps: AdvanceDeps, cause: unknown, signal: AbortSignal): Promise<void> {
  deps.log.error("the journal does not answer; every fault of ours in the cluster is taken back", {
    why: describeError(cause),
  });
  await witnessOnLease(deps, () => true, signal);
  const undone = await deps.injector
    .sweep(deps.clock.nowMs(), () => false, signal)
    .catch((again: unknown) => [`nothing: ${describeError(again)}`]);
  for (const what of undone) deps.log.warn("taken back", { what });
}
