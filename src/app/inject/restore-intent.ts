import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { record } from "../records/append-event.ts";
import type { InjectDeps } from "./inject.ts";

/** A lease that cannot be read is read again after this. */
const RETRY_MS = 5 * SECOND_MS;

/**
 * The journal may have gone back in time: Redis that comes back a few seconds older knows nothing
 * of an intent that was called. The lease does. Answers the state with that intent in the journal
 * again, or when to ask again; null when the lease knows nothing, and nothing was called.
 */
export async function restoreIntent(
  deps: InjectDeps,
  id: string,
  state: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState | { readonly untilMs: number } | null> {
  if (state.plan === null || state.plan.sham || state.plan.natural !== undefined) return null;
  let noted: Awaited<ReturnType<InjectDeps["lease"]["intentOf"]>>;
  try {
    noted = await deps.lease.intentOf(id, signal);
  } catch (cause) {
    signal.throwIfAborted();
    deps.log.warn("cannot read on the lease whether this experiment was begun before", {
      experiment: id,
      why: describeError(cause),
    });
    return { untilMs: deps.clock.nowMs() + RETRY_MS };
  }
  if (noted === null) return null;
  const choice = noted === "past" ? null : (noted.choice ?? state.choice);
  if (noted === "past" || choice === null) {
    const why = "the lease knows that this experiment was begun before, and the journal has lost what became of it";
    return record(deps, id, state, { kind: "refused", gate: "lease", why });
  }
  if (noted.outcome === "refused" || noted.outcome === "not-injected")
    return record(deps, id, state, { kind: "refused", gate: "lease", why: "it was begun before, and not injected" });
  deps.log.warn("the journal had lost an intent that stands on the lease; it is settled now", { experiment: id });
  return record(deps, id, state, { kind: "restored", t0Ms: noted.t0Ms, choice });
}
