import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";

/** One lease per cluster guards injection; not knowing is not holding. */
export const leaseGate = ({ lease }: PreflightFacts): Gate => ({
  name: "lease",
  async whyClosed(signal) {
    return (await lease.hold(signal)) === null ? "another replica holds the lease" : null;
  },
});
