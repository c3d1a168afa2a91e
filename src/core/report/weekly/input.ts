import { type WorkloadRef, workloadKey } from "../../model/cluster.ts";
import type { ExperimentState } from "../../model/experiment.ts";
import type { FindingEvent, JournalEntry } from "../../model/journal.ts";
import type { SettledRisk } from "../../model/risk.ts";
import type { Week, WeeklyReport } from "../../model/weekly-report.ts";

/** A workload as targeting sees it: `whyNot` is empty when it may be hit. */
export interface InventoryLine {
  readonly workload: WorkloadRef;
  readonly whyNot: readonly string[];
  /** From its annotation or label; absent: not known. */
  readonly owner?: string | null;
}

export interface WeeklyInput {
  readonly cluster: string;
  readonly week: Week;
  readonly nowMs: number;
  /** Experiments whose slot lies in the week. */
  readonly experiments: readonly ExperimentState[];
  /** Experiments of the months before the week, for what one week cannot tell; absent: none. */
  readonly earlier?: readonly ExperimentState[];
  /**
   * Workloads that policies look at, with the lasting reasons against hitting them; null when the
   * cluster could not be read.
   */
  readonly inventory: readonly InventoryLine[] | null;
  /** What manifests show, settled; null or absent: nobody looked. */
  readonly risks?: readonly SettledRisk[] | null;
  /** When each workload (by `workloadKey`) was last hit before the week. */
  readonly lastHitMs: ReadonlyMap<string, number>;
  /**
   * Entries of every finding's stream, up to the end of the week, each oldest first; by
   * fingerprint.
   */
  readonly findings: ReadonlyMap<string, readonly JournalEntry<FindingEvent>[]>;
  /** The report of the week before, or null when there is none. */
  readonly previous: WeeklyReport | null;
  /** Slots of the week after; absent: not known. */
  readonly next?: WeeklyReport["next"];
}

/** Something was really broken. */
export const wasInjected = ({ injection }: ExperimentState): boolean =>
  injection === "injected" || injection === "unsure";

/** Key of the workload that was really hit, or null. */
export const hitKey = (state: ExperimentState): string | null =>
  wasInjected(state) && state.choice !== null ? workloadKey(state.choice.target.workload) : null;
