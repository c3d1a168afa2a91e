import { MINUTE_MS, SECOND_MS } from "../../../core/model/units.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";

/** Clocks further apart than this move an onset into another step. */
const MAX_CLOCK_SKEW_MS = MINUTE_MS;

/** What cannot be seen afterwards is not done. */
export const metricsGate = ({ metrics, plan }: PreflightFacts): Gate => ({
  name: "metrics",
  async whyClosed(signal) {
    const health = await metrics.health(signal);
    if (health.blind !== null) return `the metrics source is blind: ${health.blind}`;
    const skewMs = Math.abs(health.clockSkewMs);
    if (skewMs > Math.max(MAX_CLOCK_SKEW_MS, plan.geometry.stepMs)) {
      return `the metrics source's clock is ${Math.round(skewMs / SECOND_MS)} s away from ours`;
    }
    return null;
  },
});
