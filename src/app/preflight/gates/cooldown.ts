import { workloadName } from "../../../core/model/cluster.ts";
import { whyInCooldown } from "../../../core/targeting/checks/cooldown.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { hits } from "../hit.ts";

/**
 * The workload, or another one behind a Service of the pods that would be hit, was hit too
 * recently.
 */
export const cooldownGate = (facts: PreflightFacts): Gate => ({
  name: "cooldown",
  async whyClosed() {
    for (const { candidate } of hits(facts)) {
      const why = whyInCooldown(candidate, facts.choice.target.services);
      if (why !== null) return `${workloadName(candidate.workload)}: ${why}`;
    }
    return null;
  },
});
