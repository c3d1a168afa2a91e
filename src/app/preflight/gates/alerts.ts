import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";

/** How many alerts are named in a reason. */
const NAMED = 3;

/** Somebody has trouble already. */
export const alertsGate = ({ alerts }: PreflightFacts): Gate => ({
  name: "alerts",
  async whyClosed(signal) {
    if (alerts === null) return null;
    const firing = await alerts.source.firing(alerts.selector, signal);
    if (firing.length === 0) return null;
    const names = [...new Set(firing.map((alert) => alert.name))].toSorted();
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
    return `firing alert: ${names.slice(0, NAMED).join(", ")}${more}`;
  },
});
