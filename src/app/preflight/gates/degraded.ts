import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { calleesOf, callersOf } from "../hit.ts";

/**
 * The target's services, their callers and their callees must be well now: what fails already would
 * be blamed on us. The bound is absolute, so a service that always fails more is never hit until
 * the configuration says otherwise. No requests is not degraded.
 */
export const degradedGate = (facts: PreflightFacts): Gate => ({
  name: "degraded",
  async whyClosed(signal) {
    const { choice, limits, metrics } = facts;
    const { services } = choice.target;
    const around = new Set([...services, ...callersOf(facts, services), ...calleesOf(facts, services)]);
    const recent = await metrics.recent(facts.nowMs(), limits.degradedWindowMs, signal);
    const bad = recent.find(
      (one) =>
        around.has(one.service) &&
        one.failures >= limits.degradedFailures &&
        one.failures >= limits.degradedShare * one.requests,
    );
    const unknown = recent.find((one) => around.has(one.service) && one.unread !== undefined);
    if (unknown !== undefined) return `nobody knows how often ${unknown.service} fails: ${unknown.unread}`;
    if (bad === undefined) return null;
    const percent = (100 * bad.failures) / Math.max(bad.requests, bad.failures);
    return `${bad.service} fails ${percent.toFixed(1)} % of its requests already (bound ${100 * limits.degradedShare} %)`;
  },
});
