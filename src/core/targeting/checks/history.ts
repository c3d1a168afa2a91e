import { type ServiceId, workloadKey } from "../../model/cluster.ts";
import { MINUTE_MS } from "../../model/units.ts";
import { type Candidate, type Check, type PastInjection, realOnes } from "../facts.ts";

type Context = Pick<Candidate, "workload" | "policy" | "snapshot" | "facts">;

/**
 * Why the cooldown is not over for these services of the workload, or null: the last real injection
 * must be `cooldownMs` ago, whoever's policy it was, on this workload or on another one behind one
 * of the services.
 */
export function whyNotCooled(context: Context, services: readonly ServiceId[]): string | null {
  const key = workloadKey(context.workload);
  return whyTooRecent(
    context,
    (one) => workloadKey(one.workload) === key || one.services.some((service) => services.includes(service)),
  );
}

function whyTooRecent({ policy, snapshot, facts }: Context, concerns: (one: PastInjection) => boolean): string | null {
  const lastMs = Math.max(
    ...realOnes(facts.past)
      .filter(concerns)
      .map((one) => one.atMs),
  );
  const leftMs = lastMs + policy.limits.cooldownMs - snapshot.takenAtMs;
  return leftMs > 0
    ? `cooldown: hit ${new Date(lastMs).toISOString()}, ${Math.ceil(leftMs / MINUTE_MS)} min left`
    : null;
}

/**
 * Of the workload as a whole: only what holds for every one of its pods. Pods may have different
 * Services before them.
 */
export const cooledDown: Check = (candidate) => {
  const { workload, pods } = candidate;
  const living = pods.filter((pod) => !pod.terminating);
  if (living.length === 0) return whyNotCooled(candidate, workload.services);
  const reasons = living.map((pod) => whyNotCooled(candidate, pod.services ?? workload.services));
  return reasons.includes(null) ? null : (reasons[0] ?? null);
};
