import { whyNotPod } from "../../../core/targeting/checks/pods.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { hits } from "../hit.ts";

/** The very pods that were chosen (by uid) are still there, running and ready. */
export const podsGate = (facts: PreflightFacts): Gate => ({
  name: "pods",
  async whyClosed() {
    const uids = new Set(facts.choice.target.pods.map((pod) => pod.uid));
    for (const { candidate } of hits(facts)) {
      for (const pod of candidate.pods.filter((one) => uids.has(one.uid))) {
        const why = whyNotPod(pod, candidate);
        if (why !== null) return `pod ${pod.name}: ${why}`;
      }
    }
    return null;
  },
});
