import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { record } from "../records/append-event.ts";
import type { Book } from "../records/experiment-reader.ts";
import { knownInstallation } from "../records/installation.ts";
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
  if (wasNothing(noted.outcome))
    return record(deps, id, state, { kind: "refused", gate: "lease", why: "it was begun before, and not injected" });
  deps.log.warn("the journal had lost an intent that stands on the lease; it is settled now", { experiment: id });
  return record(deps, id, state, { kind: "restored", t0Ms: noted.t0Ms, choice });
}

/**
 * The journal may have lost a whole experiment, plan and all. The lease has the last one: it is
 * planned again as it was, and its intent restored, so that what it did is observed, judged and
 * counted. Answers whether it was. What cannot be read now is left to whoever looks next.
 */
export async function restoreLost(deps: InjectDeps & { readonly book: Book }, signal: AbortSignal): Promise<boolean> {
  try {
    const noted = await deps.lease.lastIntent(signal);
    if (noted?.plan === undefined || noted.choice === undefined || wasNothing(noted.outcome)) return false;
    if ((noted.installation ?? null) !== (await knownInstallation(deps))) return false;
    const { experimentId: id, plan, choice, t0Ms } = noted;
    const state = await deps.book.experiment(id);
    if (state.phase !== "new") return false;
    deps.log.warn("the journal had lost an experiment whose intent stands on the lease; it is restored", {
      experiment: id,
    });
    const planned = await record(deps, id, state, { kind: "planned", plan });
    await record(deps, id, planned, { kind: "restored", t0Ms, choice });
    return true;
  } catch (cause) {
    signal.throwIfAborted();
    deps.log.warn("cannot tell whether the journal has lost the last experiment", { why: describeError(cause) });
    return false;
  }
}

const wasNothing = (outcome: string | null): boolean => outcome === "refused" || outcome === "not-injected";
