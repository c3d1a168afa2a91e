import type { ServiceId, WorkloadRef } from "./cluster.ts";
import type { ExperimentId } from "./experiment.ts";
import type { Outcome } from "./outcome.ts";

/** A weakness that manifests and the call graph show, before any experiment. */
export interface Risk {
  /** Name of the rule in `rules/risks`. */
  readonly risk: string;
  readonly workload: WorkloadRef;
  readonly service: ServiceId | null;
  readonly title: string;
  readonly explanation: string;
  /** What the manifests say, one sentence each. */
  readonly evidence: readonly string[];
  readonly fix: readonly string[];
  /** Faults and natural failures that test it. */
  readonly testedBy: readonly string[];
  /** `namespace/name` of the workloads and services whose loss tests it. */
  readonly testedOn: readonly string[];
  /** Weaknesses of this workload that confirm it when they are found. */
  readonly confirmedBy: readonly string[];
  /** It is confirmed, too, when a service got worse in the newest test. */
  readonly worseConfirms: boolean;
  /** What counts is what a test did to these services; absent: its outcome. */
  readonly judgedOn?: readonly ServiceId[];
  /** Equal for the same risk of the same workload. */
  readonly fingerprint: string;
}

/** An experiment or a natural failure, as far as it may test a risk. */
export interface RiskTest {
  readonly id: ExperimentId;
  readonly atMs: number;
  /** `namespace/name` of the workload that was hit, and its services. */
  readonly workload: string | null;
  readonly services: readonly ServiceId[];
  /** Kind of the fault, or what happened by itself; a sham tests nothing. */
  readonly fault: string | null;
  /** Null: it said nothing. */
  readonly outcome: Outcome | null;
  /** Each service that had to do with it or got worse; absent: nothing is known of single ones. */
  readonly effects?: readonly { readonly service: ServiceId; readonly outcome: Outcome }[];
}

/**
 * `untested`: no experiment could tell. `confirmed`: the finding is open, or services got worse.
 * `refuted`: it was tested, and nothing got worse. `unclear`: something got worse, but nothing says
 * that this was the cause.
 */
export type RiskState = "untested" | "confirmed" | "refuted" | "unclear";

export interface SettledRisk extends Risk {
  readonly state: RiskState;
  /** The newest experiment that tested it; null while untested. */
  readonly test: Pick<RiskTest, "id" | "atMs"> | null;
}
