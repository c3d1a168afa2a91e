import { SECOND_MS } from "../../../core/model/units.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";

/** A slot that passed while nobody was there is gone; one that is not due yet waits. */
export const latenessGate = ({ plan, limits, nowMs }: PreflightFacts): Gate => ({
  name: "lateness",
  async whyClosed() {
    const lateMs = nowMs() - plan.slotMs;
    if (lateMs < 0) return `the slot is due in ${seconds(-lateMs)}`;
    return lateMs > limits.lateAfterMs
      ? `the slot was ${seconds(lateMs)} ago: too late, missed slots are not run`
      : null;
  },
});

const seconds = (ms: number): string => `${Math.ceil(ms / SECOND_MS)} s`;
