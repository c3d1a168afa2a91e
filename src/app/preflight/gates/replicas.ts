import { replicaRule } from "../../../core/targeting/checks/scope.ts";
import { allReady } from "../../../core/targeting/checks/state.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { checkGate } from "../hit.ts";

/** Every replica is ready, and the policy's rule for single replicas holds. */
export const replicasGate = (facts: PreflightFacts): Gate => checkGate("replicas", facts, [replicaRule, allReady]);
