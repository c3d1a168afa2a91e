import type { ServiceId } from "../../../core/model/cluster.ts";
import { DAY_MS } from "../../../core/model/units.ts";
import { withoutShams } from "../../../core/targeting/facts.ts";
import { formatCount } from "../../../core/text/format.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { callersOf, pastOfOthers } from "../hit.ts";

const BUDGET_WINDOW_MS = 7 * DAY_MS;

/**
 * Closed when experiments of the last seven days, of any policy, made too many requests fail: at
 * the target's services, or at their direct and indirect callers.
 */
export const impactBudgetGate = (facts: PreflightFacts): Gate => ({
  name: "impact-budget",
  async whyClosed() {
    const budget = facts.policy.limits.failedRequests;
    if (budget === undefined) return null;
    const recent = withoutShams(pastOfOthers(facts)).filter((one) => one.atMs > facts.nowMs() - BUDGET_WINDOW_MS);
    for (const service of withCallers(facts, facts.choice.target.services)) {
      const failed = recent.reduce((sum, one) => sum + (one.failed?.get(service) ?? 0), 0);
      if (failed >= budget)
        return `experiments made ${formatCount(failed)} requests of ${service} fail in the last 7 days; the budget is ${formatCount(budget)} (limits.failedRequests)`;
    }
    return null;
  },
});

/**
 * `services` and everything that would fail with them: their callers, the callers of those, and so
 * on.
 */
function withCallers(facts: PreflightFacts, services: readonly ServiceId[]): ReadonlySet<ServiceId> {
  const all = new Set(services);
  for (const service of all) for (const caller of callersOf(facts, [service])) all.add(caller);
  return all;
}
