import { findingEntries, type WeekDeps } from "../../app/notify/send-report.ts";
import { handlingOf } from "../../core/diagnose/handling.ts";
import { EVIDENCE_REACH_MS, suspectsOf } from "../../core/experiment/suspects.ts";
import { DAY_MS } from "../../core/model/units.ts";
import type { FindingLine } from "../../core/model/weekly-report.ts";
import { confidenceOf } from "../../core/report/weekly/suspects.ts";

/** All findings, each with where it stands, who owns it and how sure it is. */
export async function findingLines(
  deps: Pick<WeekDeps, "clock" | "journal" | "book">,
): Promise<readonly FindingLine[]> {
  const known = await findingEntries(deps, deps.clock.nowMs() + DAY_MS);
  const nowMs = deps.clock.nowMs();
  const suspects = suspectsOf(await deps.book.between(nowMs - EVIDENCE_REACH_MS, nowMs + DAY_MS));
  const lines: FindingLine[] = [];
  for (const [fingerprint, entries] of known) {
    const handling = handlingOf(
      entries.map(({ event }) => event),
      nowMs,
    );
    const last = entries.at(-1)?.event;
    const lastSeen = entries.findLast((entry) => entry.event.kind === "seen")?.event;
    if (last === undefined || lastSeen === undefined) continue;
    const state = await deps.book.experiment(lastSeen.experimentId);
    const finding = state.findings.find((one) => one.fingerprint === fingerprint) ?? null;
    const seenIn = entries.map((entry) => entry.event.experimentId);
    lines.push({
      fingerprint,
      status: last.status,
      weakness: last.weakness,
      workload: last.workload,
      ...(lastSeen.title === undefined ? {} : { title: lastSeen.title }),
      finding,
      experimentId: lastSeen.experimentId,
      seen: entries.filter((entry) => entry.event.kind === "seen").length,
      firstSeenMs: entries[0]?.atMs ?? 0,
      ...(handling === null ? {} : { handling }),
      ...(handling?.owner == null ? {} : { owner: handling.owner.name }),
      confidence: confidenceOf(seenIn, finding?.service ?? null, suspects),
    });
  }
  return lines;
}
