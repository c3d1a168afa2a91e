import { workloadName } from "../../../core/model/cluster.ts";
import { allowedUnavailable } from "../../../core/targeting/checks/scope.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { hits } from "../hit.ts";

/** With the pods that are missing already, no workload may lose more than `maxUnavailable`. */
export const blastRadiusGate = (facts: PreflightFacts): Gate => ({
  name: "blast-radius",
  async whyClosed() {
    for (const { candidate, pods } of hits(facts)) {
      const { replicas, readyReplicas } = candidate.workload;
      const missing = Math.max(0, replicas - readyReplicas) + pods.length;
      const allowed = allowedUnavailable(facts.policy.limits.maxUnavailable, replicas);
      if (missing > allowed) {
        return `${workloadName(candidate.workload)} would miss ${missing} of ${replicas} pods; maxUnavailable allows ${allowed}`;
      }
    }
    return null;
  },
});
