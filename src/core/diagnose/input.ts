import type { CallEdge, ClusterSnapshot } from "../model/cluster.ts";
import type { Choice, ExperimentPlan } from "../model/experiment.ts";
import type { Judgement } from "../model/verdict.ts";

/** What is known of one experiment when its observation has ended. */
export interface DiagnosisInput {
  readonly plan: Pick<ExperimentPlan, "sham" | "geometry" | "natural">;
  readonly choice: Pick<Choice, "target" | "fault">;
  readonly t0Ms: number;
  /** t_clear, or null when it never came. */
  readonly clearMs: number | null;
  /** By how much it was observed for longer than planned, ms. */
  readonly extendedMs?: number;
  readonly judgement: Judgement;
  /** The cluster just before the injection, and at the end of the observation. */
  readonly before: ClusterSnapshot;
  readonly after: ClusterSnapshot;
  /** Who called whom, HTTP and TCP, over the days before. */
  readonly edges: readonly CallEdge[];
}
