import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";

/** One experiment at a time: two at once could not be told apart. */
export const activeExperimentGate = ({ active, plan }: PreflightFacts): Gate => ({
  name: "active-experiment",
  async whyClosed() {
    const other = active.find((id) => id !== plan.id);
    return other === undefined ? null : `experiment ${other} is still being observed`;
  },
});
