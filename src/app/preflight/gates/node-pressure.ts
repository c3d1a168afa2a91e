import { whyNotNodes } from "../../../core/targeting/checks/pods.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { hits } from "../hit.ts";

/**
 * The nodes under the workloads that would be hit are ready and have no pressure: the survivors
 * must carry the load.
 */
export const nodePressureGate = (facts: PreflightFacts): Gate => ({
  name: "node-pressure",
  async whyClosed() {
    return whyNotNodes(
      facts.snapshot,
      hits(facts).flatMap((hit) => hit.candidate.pods),
    );
  },
});
