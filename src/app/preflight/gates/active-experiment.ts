import { formatTime } from "../../../core/text/format.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";

/** One experiment at a time: two at once could not be told apart. */
export const activeExperimentGate = ({ active, extended, plan }: PreflightFacts): Gate => ({
  name: "active-experiment",
  async whyClosed() {
    const other = active.find((id) => id !== plan.id);
    if (other === undefined) return null;
    const longer = extended?.get(other);
    const until = longer === undefined ? "" : ` until ${formatTime(longer.toMs, "UTC")} UTC: ${longer.why}`;
    return `experiment ${other} is still being observed${until}`;
  },
});
