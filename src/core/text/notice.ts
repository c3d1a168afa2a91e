import type { ExperimentId } from "../model/experiment.ts";
import type { FindingStatus } from "../model/finding.ts";

export type NoticeKind = "degraded" | "recovered" | "still-down" | "withdrawn" | "weekly" | "refused" | "operational";

/** One message to people, as data: a renderer makes Slack blocks, text or HTML of it. No markup inside. */
export interface Notice {
  readonly kind: NoticeKind;
  /** Equal for the same news, so that it is not told twice. */
  readonly key: string;
  readonly experimentId: ExperimentId | null;
  readonly severity: "good" | "warning" | "bad" | "info";
  readonly title: string;
  /** One sentence that says what happened. */
  readonly summary: string;
  /** What each service did: one line each, worst first. */
  readonly impact: readonly { readonly service: string; readonly line: string }[];
  readonly findings: readonly {
    readonly title: string;
    /** Empty where the headline is enough. */
    readonly why: string;
    readonly now: string | null;
    readonly fix: readonly string[];
    readonly status?: FindingStatus;
  }[];
  /** Small print: experiment id, fault, seed, data limits. */
  readonly context: readonly string[];
  readonly link: string | null;
}
