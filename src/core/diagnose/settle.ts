import { workloadKey } from "../model/cluster.ts";
import type { ExperimentId } from "../model/experiment.ts";
import type { Finding, FindingStatus } from "../model/finding.ts";
import type { FindingEvent } from "../model/journal.ts";
import { standing } from "./diagnose.ts";
import type { DiagnosisFacts, WorkloadSubject } from "./facts.ts";
import type { DiagnosisRule } from "./rule.ts";

/** What is to be written into the stream of one finding. */
export interface FindingNews {
  readonly fingerprint: string;
  readonly event: FindingEvent;
}

export interface SettledFindings {
  /** The findings of this experiment with their true status. */
  readonly findings: readonly Finding[];
  /**
   * One event for each finding that was seen, and for each known one that was provoked again and
   * did not show.
   */
  readonly news: readonly FindingNews[];
}

export interface SettleInput {
  readonly experimentId: ExperimentId;
  /** What `diagnose` found. */
  readonly found: readonly Finding[];
  readonly facts: DiagnosisFacts;
  readonly rules: readonly DiagnosisRule[];
  /** Events of every known fingerprint, oldest first. */
  readonly history: ReadonlyMap<string, readonly FindingEvent[]>;
}

/**
 * Compares what was found with what is known. A known weakness counts as fixed when the same
 * workload was lost and replaced again, the weak workload could be judged, the weakness did not
 * show, and its rule does not say that it stands all the same. Events of this very experiment are
 * ignored, so that settling twice gives the same answer.
 */
export function settleFindings({ experimentId, found, facts, rules, history }: SettleInput): SettledFindings {
  const earlier = (fingerprint: string): readonly FindingEvent[] =>
    (history.get(fingerprint) ?? []).filter((event) => event.experimentId !== experimentId);
  const findings = found.map((finding) => ({ ...finding, status: statusAfter(earlier(finding.fingerprint)) }));
  const seen = findings.map(
    (finding): FindingNews => ({
      fingerprint: finding.fingerprint,
      event: seenEvent(experimentId, finding),
    }),
  );
  const kept = new Set([...standing(facts, rules), ...found.map(({ fingerprint }) => fingerprint)]);
  const gone = [...history.keys()]
    .filter((fingerprint) => !kept.has(fingerprint))
    .flatMap((fingerprint): FindingNews[] => {
      const last = earlier(fingerprint).at(-1);
      if (last === undefined || last.status === "fixed" || !wasProvoked(last, facts)) return [];
      return [{ fingerprint, event: { ...last, kind: "not-shown", experimentId, status: "fixed" } }];
    });
  return { findings, news: [...seen, ...gone] };
}

function statusAfter(earlier: readonly FindingEvent[]): FindingStatus {
  const last = earlier.at(-1);
  if (last === undefined) return "new";
  return last.status === "fixed" ? "regressed" : "known";
}

function seenEvent(experimentId: ExperimentId, finding: Finding): FindingEvent {
  const { weakness, workload, title, status, provokedBy } = finding;
  return {
    kind: "seen",
    experimentId,
    weakness,
    workload: workloadKey(workload),
    title,
    status,
    ...(provokedBy === undefined ? {} : { provokedBy }),
  };
}

/**
 * The same workload was really lost and replaced, and the weak workload (or, where that is the lost
 * one, anybody) could be judged.
 */
function wasProvoked({ provokedBy, workload }: FindingEvent, { experiment, workloads }: DiagnosisFacts): boolean {
  const named = (key: string | undefined) => workloads.find(({ ref }) => workloadKey(ref) === key);
  const lost = named(provokedBy);
  if (experiment.sham || !lost?.facts.hit || !lost.facts.replaced) return false;
  const weak = named(workload);
  return provokedBy === workload ? workloads.some(isJudged) : weak !== undefined && isJudged(weak);
}

const isJudged = ({ facts }: WorkloadSubject): boolean => facts.verdict !== "none" && facts.verdict !== "inconclusive";
