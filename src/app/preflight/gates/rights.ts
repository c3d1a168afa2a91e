import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { describeRight, rightsFor } from "../rights.ts";

/** The API server would let us do, and undo, this fault. A sham needs no rights. */
export const rightsGate = ({ choice, plan, cluster }: PreflightFacts): Gate => ({
  name: "rights",
  async whyClosed(signal) {
    if (plan.sham) return null;
    const needed = rightsFor(choice.fault.kind, namespacesOf(choice.target));
    const answers = await cluster.mayI(needed, signal);
    const missing = needed.filter((_, i) => answers[i] !== true);
    if (missing.length === 0) return null;
    return `not allowed to ${missing.map(describeRight).join(", ")}; \`aftershock rbac\` prints the Role that is needed`;
  },
});

function namespacesOf({ workload, pods }: PreflightFacts["choice"]["target"]): readonly string[] {
  return [...new Set([workload.namespace, ...pods.map((pod) => pod.namespace)])];
}
