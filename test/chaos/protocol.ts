import type { ExperimentPlan } from "../../src/core/model/experiment.ts";
import type { Fault } from "../../src/core/model/fault.ts";
import type { JournalEntry } from "../../src/core/model/journal.ts";
import type { Window } from "../../src/core/model/units.ts";

/** What a worker process of the harness is told at its start. */
export interface Task {
  /** Bearer token of its requests to the API server. */
  readonly token: string;
  readonly kubeconfig: string;
  readonly storage: string;
  readonly cluster: string;
  /** Its clock begins here; it moves only when the worker sleeps or waits. */
  readonly nowMs: number;
  /** Experiments of former processes that are read back when everything is done. */
  readonly recover: readonly string[];
  /** What is begun when everything that was left open has ended, or null. */
  readonly plan: ExperimentPlan | null;
  readonly fault: Fault;
  /** Workloads that may be hit; empty: all. */
  readonly names: readonly string[];
  /** When half of all requests fail, in counts that are made up. */
  readonly damage: readonly Window[];
  /** Where the real adapter reads its counts, or null: they are made up in the process. */
  readonly prometheus: string | null;
  /**
   * Others are at work at the same time: its clock moves only when nobody is in the middle of a
   * call.
   */
  readonly competes: boolean;
  /** An API server or a Prometheus that does not answer is given up after this, ms of real time. */
  readonly apiTimeoutMs: number;
}

/** One experiment as the journal has it, and as the program folds it. */
export interface Found {
  readonly id: string;
  readonly entries: readonly JournalEntry[];
  readonly state: unknown;
}

/**
 * From the worker to the harness. It waits for an answer to each `point`, which a killed worker
 * never gets, and to each `move` of its clock.
 */
export type Message =
  | { readonly kind: "move"; readonly nowMs: number }
  | { readonly kind: "point"; readonly name: string; readonly nowMs: number }
  | { readonly kind: "recovered"; readonly found: readonly Found[]; readonly nowMs: number }
  | { readonly kind: "done"; readonly found: readonly Found[]; readonly nowMs: number };
