import { formatTime } from "../../../core/text/format.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";

/**
 * One experiment at a time: two at once could not be told apart. One that could not be judged is
 * active until it is, or until somebody closes it.
 */
export const activeExperimentGate = ({ active, extended, unjudged, plan }: PreflightFacts): Gate => ({
  name: "active-experiment",
  async whyClosed() {
    const other = active.find((id) => id !== plan.id);
    if (other === undefined) return null;
    const dueMs = unjudged?.get(other);
    if (dueMs !== undefined)
      return `experiment ${other} could not be judged since ${formatTime(dueMs, "UTC")} UTC, so its damage counts as open; mend the metrics source, or close it: aftershock close ${other} "why"`;
    const longer = extended?.get(other);
    const until = longer === undefined ? "" : ` until ${formatTime(longer.toMs, "UTC")} UTC: ${longer.why}`;
    return `experiment ${other} is still being observed${until}`;
  },
});
