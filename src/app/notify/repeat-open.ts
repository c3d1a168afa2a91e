import type { ExperimentState } from "../../core/model/experiment.ts";
import { earlyAlertMessage } from "../../core/report/early-alert-message.ts";
import { type FollowUpInput, openDamageNotice } from "../../core/report/follow-up.ts";
import type { Notice } from "../../core/text/notice.ts";
import { aboutOf, type NotifyDeps } from "./notify.ts";

/**
 * Tells receivers that forget what still holds: early alerts that wait for their verdict, and open
 * damage. It is read from the journal each time, so that a receiver that was away for a day knows
 * again soon after.
 */
export async function repeatOpen(deps: NotifyDeps, signal: AbortSignal): Promise<void> {
  const { notifier } = deps;
  if (notifier.repeat === undefined) return;
  for (const state of await deps.book.open()) {
    const notice = await openNotice(deps, state);
    if (notice !== null) await notifier.repeat(notice, signal);
  }
}

async function openNotice(deps: NotifyDeps, state: ExperimentState): Promise<Notice | null> {
  const { plan, alert, judgement, phase } = state;
  if (plan === null) return null;
  const about = (): Promise<FollowUpInput> => aboutOf(deps, plan.id, state);
  if (alert !== null && judgement === null) return earlyAlertMessage(await about());
  return phase === "damaged" ? openDamageNotice(await about(), deps.clock.nowMs()) : null;
}
