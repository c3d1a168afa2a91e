import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { calleesOf, callersOf } from "../hit.ts";

/**
 * While an experiment's damage lasts, its services, their callers and what they call are left
 * alone; with too many open, everything is.
 */
export const openDamageGate = (facts: PreflightFacts): Gate => ({
  name: "open-damage",
  async whyClosed() {
    const { openDamage, choice, limits } = facts;
    for (const { experimentId, services } of openDamage) {
      const around = new Set([...services, ...callersOf(facts, services), ...calleesOf(facts, services)]);
      const touched = choice.target.services.find((service) => around.has(service));
      if (touched !== undefined) {
        return `the damage of ${experimentId} is still open (${services.join(", ")}), and ${touched} ${
          services.includes(touched) ? "is part of it" : "is next to it"
        }`;
      }
    }
    return openDamage.length >= limits.openDamageMax && openDamage.length > 0
      ? `${openDamage.length} experiment(s) with open damage (${openDamage.map((one) => one.experimentId).join(", ")}); at most ${limits.openDamageMax} may be open`
      : null;
  },
});
