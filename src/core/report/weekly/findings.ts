import { handlingOf, isDecision, isQuiet } from "../../diagnose/handling.ts";
import { workloadKey } from "../../model/cluster.ts";
import type { Finding, FindingStatus } from "../../model/finding.ts";
import type { FindingEvent } from "../../model/journal.ts";
import type { Suspect } from "../../model/suspect.ts";
import type { FindingLine } from "../../model/weekly-report.ts";
import type { WeeklyInput } from "./input.ts";
import { confidenceOf } from "./suspects.ts";

/** What became of findings in a week, in the order in which people want to read it. */
export const FINDING_ORDER: readonly FindingStatus[] = ["new", "regressed", "known", "fixed"];

/**
 * One line for each open finding at the end of the week, or was fixed in it. Its status is what
 * happened in the week: one that appeared and was seen again in the same week is still new to the
 * reader.
 */
export function findingsOf(
  { findings, experiments, earlier = [], week, inventory, nowMs }: WeeklyInput,
  suspects: readonly Suspect[] = [],
): readonly FindingLine[] {
  const words = new Map(
    [...earlier, ...experiments].flatMap((state) => state.findings.map((f) => [f.fingerprint, f] as const)),
  );
  const lines = [...findings].flatMap(([fingerprint, entries]): FindingLine[] => {
    const past = entries.filter(({ atMs }) => atMs < week.toMs);
    const seen = past.filter(({ event }) => !isDecision(event));
    const inWeek = seen.filter(({ atMs }) => atMs >= week.fromMs).map(({ event }) => event);
    const last = past.at(-1)?.event;
    const handling = handlingOf(
      past.map(({ event }) => event),
      Math.min(nowMs, week.toMs),
    );
    if (last === undefined || (inWeek.length === 0 && last.status === "fixed")) return [];
    const status = last.status === "fixed" ? "fixed" : newsOf(inWeek.map((event) => event.status));
    return [
      {
        fingerprint,
        status,
        weakness: last.weakness,
        workload: last.workload,
        ...(handling?.owner == null ? ownerOf(inventory, last.workload) : { owner: handling.owner.name }),
        ...(handling === null ? {} : { handling }),
        ...titleOf(past.map(({ event }) => event)),
        finding: withStatus(words.get(fingerprint), status),
        experimentId: last.experimentId,
        seen: past.filter(({ event }) => event.kind === "seen").length,
        firstSeenMs: past[0]?.atMs ?? 0,
        confidence: confidenceOf(
          seen.map(({ event }) => event.experimentId),
          words.get(fingerprint)?.service ?? null,
          suspects,
        ),
      },
    ];
  });
  return lines.sort(
    (a, b) =>
      Number(isQuiet(a.handling)) - Number(isQuiet(b.handling)) ||
      FINDING_ORDER.indexOf(a.status) - FINDING_ORDER.indexOf(b.status) ||
      a.firstSeenMs - b.firstSeenMs,
  );
}

function ownerOf(inventory: WeeklyInput["inventory"], workload: string): Pick<FindingLine, "owner"> {
  const owner = inventory?.find((line) => workloadKey(line.workload) === workload)?.owner;
  return owner == null ? {} : { owner };
}

/** As it was last written down. */
function titleOf(events: readonly FindingEvent[]): Pick<FindingLine, "title"> {
  const title = events.findLast((event) => event.title !== undefined)?.title;
  return title === undefined ? {} : { title };
}

const newsOf = (statuses: readonly FindingStatus[]): FindingStatus =>
  statuses.find((status) => status === "new" || status === "regressed") ?? "known";

const withStatus = (finding: Finding | undefined, status: FindingStatus): Finding | null =>
  finding === undefined ? null : { ...finding, status };
