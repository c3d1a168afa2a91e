import { AUDIT_REACH_MS, selfAudit } from "../core/report/weekly/self-audit.ts";
import { falseAlarmText } from "../core/report/weekly/words.ts";
import { formatShare, formatTime } from "../core/report/words.ts";
import type { Clock } from "../ports/clock.ts";
import type { Book } from "./book.ts";
import type { Check } from "./check.ts";
import type { Settings } from "./settings.ts";

export interface ExamineDetectorDeps {
  readonly clock: Clock;
  readonly book: Book;
  settings(): Settings;
}

/** Does the detector keep its promise? What the controls of three months say. */
export async function detectorChecks({ clock, book, settings }: ExamineDetectorDeps): Promise<readonly Check[]> {
  const nowMs = clock.nowMs();
  const audit = selfAudit(await book.between(nowMs - AUDIT_REACH_MS, nowMs), nowMs);
  const { controls, promised, overdueSinceMs } = audit;
  const what = "false alarms";
  if (controls.of === 0) {
    const says = "not known yet: no control experiment was judged; `shamShare` above 0, or mode sham, makes some";
    return [{ what, ok: true, says }];
  }
  const measured = `${falseAlarmText(controls)}; promised: at most ${formatShare(promised)}`;
  if (overdueSinceMs === null) return [{ what, ok: true, says: measured }];
  const since = formatTime(overdueSinceMs, settings().timezone).slice(0, 16);
  const says = `the detector alarms more often than promised since ${since}: ${measured}; \`aftershock explain\` shows what a control found, and a service that is restless by itself needs a larger minimum effect (effects:)`;
  return [{ what, ok: false, says }];
}
