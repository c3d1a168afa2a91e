import { notScaling } from "../../../core/targeting/checks/state.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { checkGate } from "../hit.ts";

/** An autoscaler is adding or removing replicas. */
export const autoscalerGate = (facts: PreflightFacts): Gate => checkGate("autoscaler", facts, [notScaling]);
