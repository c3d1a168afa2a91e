import { whyClosedAt } from "../../../core/schedule/calendar.ts";
import { whyOutsideWindow } from "../../../core/schedule/slots.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";

/** Freeze, holiday, or outside the policy's windows; for runs by hand too. */
export const calendarGate = ({ policy, calendar, nowMs }: PreflightFacts): Gate => ({
  name: "calendar",
  async whyClosed() {
    const atMs = nowMs();
    return whyClosedAt(calendar, atMs) ?? whyOutsideWindow(policy.schedule, atMs);
  },
});
