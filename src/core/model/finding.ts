import type { ServiceId, WorkloadRef } from "./cluster.ts";

/**
 * `new`: never seen; `known`: seen before and still there; `regressed`: was fixed and is back;
 * `fixed`: provoked again without showing.
 */
export type FindingStatus = "new" | "known" | "fixed" | "regressed";

/** A diagnosed weakness of one workload. */
export interface Finding {
  /** Name of the rule in `rules/diagnosis`, e.g. `stale-connection`. */
  readonly weakness: string;
  readonly workload: WorkloadRef;
  readonly service: ServiceId | null;
  /** One line for a headline. */
  readonly title: string;
  readonly explanation: string;
  /** Facts that were seen, one sentence each. */
  readonly evidence: readonly string[];
  /** `now`: a command that ends the damage; `fix`: what to change. */
  readonly advice: { readonly now: string | null; readonly fix: readonly string[] };
  /** Equal for the same weakness of the same workload, however often it is found. */
  readonly fingerprint: string;
  readonly status: FindingStatus;
  /**
   * Key of the workload whose loss brought it to light: losing it again without showing means
   * fixed.
   */
  readonly provokedBy?: string;
}

/** What people decided about one finding. */
export interface Handling {
  readonly muted: { readonly untilMs: number; readonly why: string; readonly by: string } | null;
  /** The weakness is known and stays: no news until it regresses. */
  readonly accepted: { readonly why: string; readonly by: string } | null;
  readonly owner: { readonly name: string; readonly by: string } | null;
}
