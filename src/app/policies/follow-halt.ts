import { describeError } from "../../core/model/error.ts";
import type { Halt, HaltWatch } from "../../ports/lease.ts";
import { type AdvanceDeps, cutOffPreparations } from "../experiment/advance.ts";
import { standDown } from "../experiment/stand-down.ts";
import { recordHalt, recordResume } from "../records/operations.ts";

export interface FollowHaltDeps extends AdvanceDeps {
  readonly haltWatch: HaltWatch;
}

/**
 * Follows the halt switch until `signal` aborts: as soon as a halt is seen, active faults are
 * undone, and who halted or resumed is written down when the journal is there. That nothing new is
 * injected is the gate's doing, which reads the switch itself.
 */
export async function followHalt(deps: FollowHaltDeps, signal: AbortSignal): Promise<void> {
  let last: Halt | null | undefined;
  let resumed = new AbortController();
  const work = new Set<Promise<void>>();
  const start = (task: Promise<void>, what: string): void => {
    const guarded = task
      .catch((cause: unknown) => deps.log.warn("following the halt switch", { what, why: describeError(cause) }))
      .finally(() => work.delete(guarded));
    work.add(guarded);
  };
  const seen = (halt: Halt | null): void => {
    if (last !== undefined && last?.why === halt?.why && last?.by === halt?.by && last?.atMs === halt?.atMs) return;
    const first = last === undefined;
    last = halt;
    resumed.abort();
    resumed = new AbortController();
    if (halt === null) {
      if (!first) deps.log.info("injection is allowed again");
      start(recordResume(deps, "somebody"), "writing it down");
      return;
    }
    deps.log.warn("halted", { why: halt.why, by: halt.by });
    const why = { why: `halted: ${halt.why}`, by: halt.by };
    cutOffPreparations(`halted by ${halt.by}: ${halt.why}`);
    start(
      standDown(deps, () => true, why, AbortSignal.any([signal, resumed.signal])),
      "undoing active faults",
    );
    start(recordHalt(deps, halt), "writing it down");
  };
  await deps.haltWatch.follow(seen, signal);
  await Promise.all(work);
}
