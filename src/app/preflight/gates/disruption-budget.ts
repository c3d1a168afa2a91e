import { workloadName } from "../../../core/model/cluster.ts";
import { whyOverBudget } from "../../../core/targeting/checks/budgets.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { hits } from "../hit.ts";

/** A PodDisruptionBudget does not stop a plain delete, so it is asked here. */
export const disruptionBudgetGate = (facts: PreflightFacts): Gate => ({
  name: "disruption-budget",
  async whyClosed() {
    const found = hits(facts);
    const going = found.flatMap(({ candidate, pods }) => pods.map((pod) => ({ pod, workload: candidate.workload })));
    const why = whyOverBudget(going);
    return why === null ? null : `${workloadName(facts.choice.target.workload)}: ${why}`;
  },
});
