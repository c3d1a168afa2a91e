import { noRollout, oldEnough } from "../../../core/targeting/checks/state.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { checkGate } from "../hit.ts";

/** A rollout is in progress or has only just ended. */
export const rolloutGate = (facts: PreflightFacts): Gate => checkGate("rollout", facts, [noRollout, oldEnough]);
