import type { WorkloadRef } from "../core/model/cluster.ts";
import type { ExperimentEvent, ExperimentId, ExperimentState } from "../core/model/experiment.ts";
import type { JournalEntry } from "../core/model/journal.ts";
import type { Mode } from "../core/model/policy.ts";
import type { SettledRisk } from "../core/model/risk.ts";
import type { Observation } from "../core/model/series.ts";
import type { ServiceCall } from "../core/model/service-call.ts";
import type { FindingLine, WeeklyReport } from "../core/model/weekly-report.ts";
import type { ServiceBands } from "../core/observe/band.ts";
import type { LinkTemplate } from "../core/text/link.ts";
import type { ListedExperiment } from "./lists/listed.ts";

/** What the dashboard says at its top, on every page. */
export interface WebStatus {
  readonly cluster: string;
  readonly version: string;
  /** The global mode; a policy may be more careful. */
  readonly mode: Mode;
  readonly policies: readonly { readonly name: string; readonly mode: Mode }[];
  /** Policies of teams that are not followed, and why; absent: none. */
  readonly notFollowed?: readonly { readonly policy: string; readonly why: string }[];
  /** The halt that stands; `unknown` when the switch cannot be read, which counts as a halt. */
  /** Early alerts that have no verdict yet. */
  readonly alerts?: readonly { readonly id: string; readonly text: string }[];
  readonly halt:
    | { readonly kind: "none" }
    | { readonly kind: "halted"; readonly why: string; readonly by: string; readonly atMs: number }
    | { readonly kind: "unknown"; readonly why: string };
  /** Links to other tools, as the configuration has them; absent: none. */
  readonly links?: readonly LinkTemplate[];
  /** Why Prometheus cannot be believed now, or null. */
  readonly blind: string | null;
  /** IANA name; every time on a page is told in it. */
  readonly timezone: string;
  readonly nowMs: number;
}

export interface NextSlot {
  readonly atMs: number;
  readonly policy: string;
  readonly sham: boolean;
}

export interface ExperimentRecord {
  readonly state: ExperimentState;
  readonly entries: readonly JournalEntry<ExperimentEvent>[];
  /** The counts that it was judged on, or null when they are gone or not there yet. */
  readonly observation: Observation | null;
  /** What is normal at this hour; empty or absent: too little history, or gone. */
  readonly bands?: readonly ServiceBands[];
  /** Who called whom before it; empty when that is gone or not there yet. */
  readonly calls: readonly ServiceCall[];
}

/** Weaknesses that manifests show. */
export interface KnownRisks {
  readonly risks: readonly SettledRisk[];
  /** Why they are not known now, or null. */
  readonly unread: string | null;
}

/** Who called whom in the last day. */
export interface KnownCalls {
  readonly calls: readonly ServiceCall[];
  /** Why it is not known now, or null. */
  readonly unread: string | null;
}

/** Everything that pages, the API and `/metrics` read. Nothing can be changed through it. */
export interface WebData {
  status(): Promise<WebStatus>;
  /**
   * Every experiment that is kept, refusals included, newest first; the same list until one
   * changes.
   */
  lines(): Promise<readonly ListedExperiment[]>;
  /**
   * These experiments in this order, without the verdicts on services that did not get worse and
   * had nothing to do with it.
   */
  states(ids: readonly ExperimentId[]): Promise<readonly ExperimentState[]>;
  experiment(id: ExperimentId): Promise<ExperimentRecord | null>;
  /** Every weakness that is known, fixed ones included. */
  findings(): Promise<readonly FindingLine[]>;
  /** Never rejects: without a cluster or call graph it says why. */
  risks(): Promise<KnownRisks>;
  /** Never rejects: without a call graph it says why. The same list until it is read again. */
  calls(): Promise<KnownCalls>;
  /**
   * The report of an ISO week (`2026-W10`); of the current one, so far. Null when there is no such
   * week.
   */
  report(week: string): Promise<WeeklyReport | null>;
  /** Names of the weeks that have a report, newest first; the current one is the first. */
  weeks(): Promise<readonly string[]>;
  nextSlots(limit: number): Promise<readonly NextSlot[]>;
  /** Why this process cannot do its work now, or null. */
  whyNotReady(): Promise<string | null>;
  /** Why this process is stuck, or null. */
  whyNotAlive(): Promise<string | null>;
  /** Numbers of the worker in Prometheus' text format. */
  metrics(): Promise<string>;
}

/** Address of a page; every part that comes from outside is encoded. */
export const pathOf = {
  experiment: (id: ExperimentId): string => `/experiments/${encodeURIComponent(id)}`,
  service: (id: string): string => `/services/${id.split("/").map(encodeURIComponent).join("/")}`,
  workload: ({ namespace, name }: WorkloadRef): string =>
    `/services/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`,
  family: (family: string): string => `/map?family=${encodeURIComponent(family)}`,
  report: (week: string): string => `/reports/${encodeURIComponent(week)}`,
} as const;
