import type { SelfAudit } from "../../core/model/weekly-report.ts";
import { AUDIT_REACH_MS, selfAudit } from "../../core/report/weekly/self-audit.ts";
import { formatShare, formatTime } from "../../core/text/format.ts";
import { falseAlarmText, minuteAuditText, UNEVEN_MINUTES } from "../../core/text/weekly.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Settings } from "../preflight/settings.ts";
import type { Book } from "../records/experiment-reader.ts";
import type { Check } from "./check.ts";

export interface ExamineDetectorDeps {
  readonly clock: Clock;
  readonly book: Book;
  settings(): Settings;
}

/** Does the detector keep its promise? What the shams of three months say. */
export async function detectorChecks({ clock, book, settings }: ExamineDetectorDeps): Promise<readonly Check[]> {
  const nowMs = clock.nowMs();
  const audit = selfAudit(await book.between(nowMs - AUDIT_REACH_MS, nowMs), nowMs);
  const day = (atMs: number): string => formatTime(atMs, settings().timezone).slice(0, 16);
  return [falseAlarms(audit, day), ...minutesOfShams(audit, day)];
}

function falseAlarms({ shams, promised, overdueSinceMs }: SelfAudit, day: (atMs: number) => string): Check {
  const what = "false alarms";
  if (shams.of === 0) {
    const says = "not known yet: no sham was judged; `shamShare` above 0, or mode sham, makes some";
    return { what, ok: true, says };
  }
  const measured = `${falseAlarmText(shams)}; promised: at most ${formatShare(promised)}`;
  if (overdueSinceMs === null) return { what, ok: true, says: measured };
  const says = `the detector alarms more often than promised since ${day(overdueSinceMs)}: ${measured}; \`aftershock explain\` shows what a sham found, and a service that is restless by itself needs a larger minimum effect (effects:)`;
  return { what, ok: false, says };
}

/** Nothing while no sham's stretch was looked at. */
function minutesOfShams({ minutes }: SelfAudit, day: (atMs: number) => string): readonly Check[] {
  const measured = minuteAuditText(minutes);
  if (measured === null) return [];
  const since = minutes.unevenSinceMs;
  const says = since === null ? measured : `since ${day(since)} ${UNEVEN_MINUTES}; ${measured}`;
  return [{ what: "minutes of shams", ok: since === null, says }];
}
