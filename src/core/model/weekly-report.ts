import type { Interval } from "../stats/interval.ts";
import type { ServiceId, WorkloadRef } from "./cluster.ts";
import type { ExperimentId } from "./experiment.ts";
import type { Finding, FindingStatus, Handling } from "./finding.ts";
import type { Outcome } from "./outcome.ts";
import type { SettledRisk } from "./risk.ts";
import type { Suspect } from "./suspect.ts";
import type { Window } from "./units.ts";
import type { VerdictKind } from "./verdict.ts";

/**
 * One ISO week in a time zone: from Monday 00:00 there, included, to the next Monday 00:00,
 * excluded.
 */
export interface Week extends Window {
  /** `2026-W10`. */
  readonly id: string;
  /** IANA name. */
  readonly timezone: string;
}

/** One experiment as a line of the report. */
export interface ExperimentLine {
  readonly id: ExperimentId;
  readonly atMs: number;
  readonly target: string;
  readonly fault: string;
  readonly sham: boolean;
  readonly verdict: VerdictKind;
  /** Null for shams and for what was cancelled. */
  readonly outcome: Outcome | null;
  /** Of a judged sham: whether a service was called worse. Null for all others. */
  readonly falseAlarm: boolean | null;
  /** Requests that failed beyond expectation. */
  readonly failed: number;
  /** Worst service and what it did, or empty when nothing got worse. */
  readonly impact: string;
  /** Damage that is still open at the end of the week. */
  readonly open: boolean;
  /** Of damage that was open and has ended, from the injection. */
  readonly recoveredAfterMs: number | null;
}

/** Something that happened by itself, as a line of the report. */
export interface NaturalLine {
  readonly id: ExperimentId;
  readonly atMs: number;
  /** `a pod of shop/cart`, `node node-a with 5 pods`. */
  readonly died: string;
  /** `evicted`, `out of memory`. */
  readonly why: string;
  /** Null while it is watched. */
  readonly verdict: VerdictKind | null;
  readonly outcome: Outcome | null;
  /** Requests that failed beyond expectation. */
  readonly failed: number;
  /** As of an experiment. */
  readonly impact: string;
  readonly open: boolean;
  readonly recoveredAfterMs: number | null;
}

/** One workload and what is known of it. */
export interface CoverageLine {
  readonly workload: WorkloadRef;
  /** Hit in this week, hit before it, never hit although it may be, or not eligible. */
  readonly state: "hit" | "hit-before" | "never" | "not-eligible";
  readonly hits: number;
  readonly lastHitMs: number | null;
  /** Reasons why it may not be hit. */
  readonly why: readonly string[];
}

/**
 * How often what a finding rests on was shown, and the evidence of it: so many to one against
 * chance.
 */
export interface Confidence {
  readonly standing: Suspect["standing"];
  readonly evidence: number;
  /** Experiments that showed it, of those that could tell. */
  readonly shown: number;
  readonly runs: number;
  /** Absent or null when no later experiment kept what its minutes scored. */
  readonly minutes?: Suspect["minutes"];
}

/** What the week's experiments and natural failures did to one service. */
export interface ServiceLine {
  readonly service: ServiceId;
  readonly tested: number;
  readonly unaffected: number;
  readonly recovered: number;
  readonly notRecovered: number;
  readonly unknown: number;
  /** Times to recover, ascending. */
  readonly recoveriesMs: readonly number[];
  /** Requests that failed beyond expectation. */
  readonly failed: number;
}

export interface FindingLine {
  readonly fingerprint: string;
  readonly status: FindingStatus;
  readonly weakness: string;
  readonly workload: string;
  /** Who owns the workload, by its annotation; absent or null: not known. */
  readonly owner?: string | null;
  /** What people decided about it; absent: nothing that holds. */
  readonly handling?: Handling;
  /**
   * Its headline when it was last written down, whatever became of that experiment; absent in older
   * journals.
   */
  readonly title?: string;
  /** The words of the last time it was seen, when that experiment is known. */
  readonly finding: Finding | null;
  readonly experimentId: ExperimentId;
  readonly seen: number;
  readonly firstSeenMs: number;
  /** Null or absent when nothing was measured that it could rest on. */
  readonly confidence?: Confidence | null;
}

/** A share with a 95 % interval and the number of trials behind it; null without trials. */
export interface ShareOf {
  readonly count: number;
  readonly of: number;
  readonly share: Interval | null;
}

/**
 * Median time to recover; a bound (or the median itself) is null when the curve never comes down to
 * it: longer than anything seen.
 */
export interface MedianRecovery {
  /** Null: not reached, or too few disturbances for one. */
  readonly medianMs: number | null;
  readonly lowMs: number | null;
  readonly highMs: number | null;
  /** What recovered took so long, the shortest first; of few disturbances this is told instead. */
  readonly durationsMs: readonly number[];
  readonly ended: number;
  readonly censored: number;
}

/** What the shams of months, and final looks at verdicts, say of the detector itself. */
export interface SelfAudit {
  /** At most this share of the shams should raise a false alarm. */
  readonly promised: number;
  /** The oldest sham that counts. */
  readonly fromMs: number | null;
  readonly shams: ShareOf;
  /** Since when false alarms have come more often than promised; null while that cannot be said. */
  readonly overdueSinceMs: number | null;
  /**
   * Verdicts that were compared with instants which were not drawn, and those that did not stand.
   */
  readonly finalLooks: { readonly withdrawn: number; readonly of: number };
  readonly minutes: MinuteAudit;
}

/** Whether the minutes of the shams look like those that could have been drawn instead. */
export interface MinuteAudit {
  /** Shams whose instant was drawn, and whose stretch was looked at. */
  readonly shams: number;
  /**
   * Mean share of the other minutes than which theirs looked worse; a half is expected. Null
   * without shams.
   */
  readonly worseThan: number | null;
  /** Two-sided, of what all these shams show together; exact, for who looks once. */
  readonly p: number | null;
  /**
   * Since when they are not like the others; null while that cannot be said, however often it is
   * looked at.
   */
  readonly unevenSinceMs: number | null;
}

/**
 * The worst outcome of each workload that was tested. What was not tested counts for neither side:
 * it is unknown.
 */
export interface Score {
  /** Workloads whose every fault of this week left all services unaffected. */
  readonly unaffected: number;
  /** The worst that a fault on them did: services got worse, and recovered by themselves. */
  readonly recovered: number;
  readonly notRecovered: number;
  /** Workloads that were not tested, or whose experiments gave no verdict. */
  readonly unknown: number;
  /** How many of the unknown may not be hit at all. */
  readonly excluded: number;
  /** Unaffected among those with a known outcome. */
  readonly share: Interval | null;
  /** The cluster could not be read: workloads that were not tested are in no count. */
  readonly unread?: true;
}

export interface TrendLine {
  readonly label: string;
  readonly unit: "share" | "count" | "ms";
  readonly before: number | null;
  readonly now: number | null;
  /** Null where neither direction is good by itself, or nothing can be compared. */
  readonly better: boolean | null;
  /** It differs, by no more than so few can differ by chance. */
  readonly unsure?: true;
}

/** One data object a week; page, text, Slack, JSON and dashboard all render it. */
export interface WeeklyReport {
  readonly cluster: string;
  readonly week: Week;
  /** When it was put together; before the week's end it is a report so far. */
  readonly madeAtMs: number;
  readonly experiments: {
    readonly planned: number;
    readonly injected: number;
    readonly shams: number;
    readonly refused: number;
    readonly missed: number;
    readonly notInjected: number;
    readonly running: number;
    /** Judged faults by headline; shams are apart. */
    readonly byVerdict: Readonly<Record<VerdictKind, number>>;
    readonly byOutcome: Readonly<Record<Outcome, number>>;
    /** Judged ones, shams included, worst first. */
    readonly lines: readonly ExperimentLine[];
  };
  /** Worst first. */
  readonly services: readonly ServiceLine[];
  /** Slots of the week after this one; null: not known. */
  readonly next?: { readonly slots: number; readonly shams: number; readonly policies: readonly string[] } | null;
  /** What happened without us, worst first; it is in no count of experiments. */
  readonly natural: readonly NaturalLine[];
  readonly coverage: { readonly lines: readonly CoverageLine[]; readonly eligible: number; readonly hit: number };
  readonly findings: readonly FindingLine[];
  /** What manifests showed when it was made; absent: nobody looked. */
  readonly risks?: readonly Pick<SettledRisk, "title" | "state">[];
  /** What experiments of three months found, confirmed or not, strongest evidence first. */
  readonly suspects: readonly Suspect[];
  /** From the injection until everything was back, of faults after which something was worse. */
  readonly recovery: MedianRecovery;
  readonly refusals: readonly { readonly gate: string; readonly count: number; readonly why: string }[];
  readonly missed: readonly { readonly id: ExperimentId; readonly atMs: number; readonly why: string }[];
  /** Shams after which something was called worse. */
  readonly falseAlarms: ShareOf;
  /** The same over months, and whether it is what was promised. */
  readonly audit: SelfAudit;
  readonly score: Score;
  readonly trend: { readonly week: string; readonly lines: readonly TrendLine[] } | null;
}

/** A service's or workload's name as reports write it. */
export const plainName = ({ namespace, name }: WorkloadRef): ServiceId => `${namespace}/${name}`;
