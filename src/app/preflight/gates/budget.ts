import { workloadKey } from "../../../core/model/cluster.ts";
import { localDate } from "../../../core/schedule/zone.ts";
import { type PastInjection, withoutShams } from "../../../core/targeting/facts.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { pastOfOthers } from "../hit.ts";

/**
 * Budgets of one calendar day in the installation's zone, whatever zone a policy names: else each
 * zone would have a day, and a budget, of its own. That of the policy counts its own injections,
 * the others count everybody's.
 */
export const budgetGate = (facts: PreflightFacts): Gate => ({
  name: "budget",
  async whyClosed() {
    const { policy, choice, calendar } = facts;
    const today = localDate(calendar.timezone, facts.nowMs());
    const done = withoutShams(pastOfOthers(facts)).filter((one) => localDate(calendar.timezone, one.atMs) === today);
    const { workload, services } = choice.target;
    const same = (one: PastInjection): boolean => workloadKey(one.workload) === workloadKey(workload);
    const { perDay, perNamespace, perWorkload, perService } = policy.limits;
    return (
      spent(`policy ${policy.name}`, perDay, done, (one) => one.policy === policy.name) ??
      spent(
        `namespace ${workload.namespace}`,
        perNamespace,
        done,
        (one) => one.workload.namespace === workload.namespace,
      ) ??
      spent(`workload ${workload.name}`, perWorkload, done, same) ??
      services
        .map((service) => spent(`service ${service}`, perService, done, (one) => one.services.includes(service)))
        .find((why) => why !== null) ??
      null
    );
  },
});

function spent(
  what: string,
  budget: number | undefined,
  done: readonly PastInjection[],
  counts: (one: PastInjection) => boolean,
): string | null {
  const used = done.filter(counts).length;
  return budget !== undefined && used >= budget ? `${what} has used its ${budget} injections of today` : null;
}
