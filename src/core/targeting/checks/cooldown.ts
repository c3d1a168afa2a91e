import { type ServiceId, workloadKey } from "../../model/cluster.ts";
import { MINUTE_MS } from "../../model/units.ts";
import { type Candidate, type Check, type PastInjection, withoutShams } from "../facts.ts";

type Context = Pick<Candidate, "workload" | "policy" | "snapshot" | "facts">;

/**
 * Why the workload is still in its cooldown, or null. The cooldown starts with the last real
 * injection, by any policy, into this workload or into another one behind one of the `services`.
 */
export function whyInCooldown(context: Context, services: readonly ServiceId[]): string | null {
  const key = workloadKey(context.workload);
  return whyTooRecent(
    context,
    (one) => workloadKey(one.workload) === key || one.services.some((service) => services.includes(service)),
  );
}

function whyTooRecent({ policy, snapshot, facts }: Context, concerns: (one: PastInjection) => boolean): string | null {
  const lastMs = Math.max(
    ...withoutShams(facts.past)
      .filter(concerns)
      .map((one) => one.atMs),
  );
  const leftMs = lastMs + policy.limits.cooldownMs - snapshot.takenAtMs;
  return leftMs > 0
    ? `cooldown: hit ${new Date(lastMs).toISOString()}, ${Math.ceil(leftMs / MINUTE_MS)} min left`
    : null;
}

/** Fails only if every living pod is in its cooldown: pods may have different Services. */
export const cooledDown: Check = (candidate) => {
  const { workload, pods } = candidate;
  const living = pods.filter((pod) => !pod.terminating);
  if (living.length === 0) return whyInCooldown(candidate, workload.services);
  const reasons = living.map((pod) => whyInCooldown(candidate, pod.services ?? workload.services));
  return reasons.includes(null) ? null : (reasons[0] ?? null);
};
