import { cooledDown } from "../../../core/targeting/checks/history.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { checkGate } from "../hit.ts";

/** The workload, or another one behind the same service, was hit too recently. */
export const cooldownGate = (facts: PreflightFacts): Gate => checkGate("cooldown", facts, [cooledDown]);
