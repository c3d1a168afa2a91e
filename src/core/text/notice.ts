import type { ExperimentId } from "../model/experiment.ts";
import type { FindingStatus } from "../model/finding.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Link } from "./link.ts";

export type NoticeKind =
  | "early"
  | "degraded"
  | "all-clear"
  | "recovered"
  | "still-down"
  | "withdrawn"
  | "digest"
  | "weekly"
  | "refused"
  | "operational";

/** Whom a message concerns: routes and mentions are chosen by it. */
export interface Audience {
  /** From the annotation or label `aftershock.dev/owner` of the workload; null: nobody said so. */
  readonly owner: string | null;
  /** Name of a route, from `aftershock.dev/slack`. */
  readonly route: string | null;
  /** Namespaces and labels of the workloads concerned. */
  readonly workloads: readonly { readonly namespace: string; readonly labels: Readonly<Record<string, string>> }[];
}

export const NOBODY: Audience = { owner: null, route: null, workloads: [] };

/**
 * One message to people, as data: a renderer makes Slack blocks, text or HTML of it. No markup
 * inside; moments are marked (text/moment.ts).
 */
export interface Notice {
  readonly kind: NoticeKind;
  /** Equal for the same news, so that it is not told twice. */
  readonly key: string;
  readonly experimentId: ExperimentId | null;
  /** When the fault was injected, ms since the epoch; absent: none was. */
  readonly sinceMs?: number;
  /** Somebody has to act, or waits for it: it is no part of a digest, unless that was asked for. */
  readonly atOnce?: boolean;
  readonly severity: "good" | "warning" | "bad" | "info";
  /** The impact: what the reader must know first. */
  readonly title: string;
  /** One sentence: what caused it. Absent: the summary is short enough. */
  readonly cause?: string;
  /** What happened, in a few sentences. */
  readonly summary: string;
  /** What to run now; absent: nothing that is known. */
  readonly command?: string;
  /** What each service did: one line each, worst first. */
  readonly impact: readonly { readonly service: string; readonly line: string; readonly short?: string }[];
  readonly findings: readonly {
    readonly title: string;
    /** Empty where the headline is enough. */
    readonly why: string;
    readonly now: string | null;
    readonly fix: readonly string[];
    readonly status?: FindingStatus;
    /** What people decided about it: muted until when, by whom, and why. */
    readonly handled?: string;
  }[];
  /** Small print: experiment id, fault, seed, data limits. */
  readonly context: readonly string[];
  readonly link: string | null;
  /** To other tools, at the time of the experiment; absent: none. */
  readonly links?: readonly Link[];
  /** IANA name of the zone in which times are told where the reader's is not known; absent: UTC. */
  readonly timezone?: string;
  readonly outcome?: Outcome | null;
  readonly audience?: Audience;
}
