import { workloadName } from "../../../core/model/cluster.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { hits } from "../hit.ts";

/** A PodDisruptionBudget does not stop a plain delete, so it is asked here. */
export const disruptionBudgetGate = (facts: PreflightFacts): Gate => ({
  name: "disruption-budget",
  async whyClosed() {
    for (const { candidate, pods } of hits(facts)) {
      for (const budget of candidate.workload.budgets) {
        const where = `${workloadName(candidate.workload)}: disruption budget ${budget.name}`;
        if (!budget.observed) return `${where} is not up to date yet`;
        if (budget.disruptionsAllowed < pods) return `${where} allows ${budget.disruptionsAllowed} disruptions now`;
      }
    }
    return null;
  },
});
