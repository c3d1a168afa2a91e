import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";

/** What Aftershock itself needs must not be hit: it would go blind, or forget. */
export const dependenciesGate = ({ choice, dependencies }: PreflightFacts): Gate => ({
  name: "dependencies",
  async whyClosed() {
    const own = choice.target.services.find((service) => dependencies.includes(service));
    return own === undefined ? null : `Aftershock itself depends on ${own}`;
  },
});
