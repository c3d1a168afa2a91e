import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";

/** The policy still has the kind of fault that was chosen. */
export const faultGate = ({ policy, choice }: PreflightFacts): Gate => ({
  name: "fault",
  async whyClosed() {
    const { kind } = choice.fault;
    return policy.faults.some(({ fault }) => fault.kind === kind)
      ? null
      : `policy ${policy.name} no longer has ${kind} among its faults`;
  },
});
