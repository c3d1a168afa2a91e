import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";

/** Nothing is injected until somebody writes `mode: inject`; in `observe` not even a sham runs. */
export const modeGate = ({ policy, plan }: PreflightFacts): Gate => ({
  name: "mode",
  async whyClosed() {
    if (policy.mode === "observe") return `policy ${policy.name} is in mode observe`;
    return policy.mode === "sham" && !plan.sham ? `policy ${policy.name} is in mode sham: nothing is injected` : null;
  },
});
