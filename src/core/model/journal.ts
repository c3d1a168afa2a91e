import type { ExperimentEvent } from "./experiment.ts";
import type { FindingStatus } from "./finding.ts";

/**
 * Events of operation, in the stream `operations/<day>`; `installed` is alone in
 * `INSTALLATION_STREAM`, `schema` in `SCHEMA_STREAM`.
 */
export type OperationEvent =
  | { readonly kind: "installed"; readonly installation: string }
  | {
      readonly kind: "schema";
      /** `JOURNAL_SCHEMA` of the program that wrote here. */
      readonly version: number;
      /** The oldest `JOURNAL_SCHEMA` that reads it rightly. */
      readonly readableFrom: number;
    }
  | { readonly kind: "started"; readonly version: string; readonly mode: string }
  | {
      readonly kind: "configured";
      readonly hash: string;
      readonly by: string;
      readonly summary: string;
      /** The policy of a team that changed; absent: the configuration file. */
      readonly policy?: string;
    }
  | { readonly kind: "halted"; readonly why: string; readonly by: string }
  | { readonly kind: "resumed"; readonly by: string }
  /** This channel has had its digests until `toMs`; empty: the default one. */
  | { readonly kind: "digested"; readonly channel: string; readonly toMs: number }
  | { readonly kind: "armed"; readonly policy: string; readonly mode: string };

/** What people decide about a finding; the rest of such an event repeats the one before it. */
export type DecisionKind = "muted" | "unmuted" | "accepted" | "assigned";

/** Events of one finding, in the stream `finding/<fingerprint>`. */
export interface FindingEvent {
  /** `withdrawn`: what this experiment said of the finding counts no more. */
  readonly kind: "seen" | "not-shown" | "withdrawn" | DecisionKind;
  readonly experimentId: string;
  readonly weakness: string;
  readonly workload: string;
  /** `Finding.title`; absent in older journals. */
  readonly title?: string;
  readonly status: FindingStatus;
  /** `Finding.provokedBy` of the first sight. */
  readonly provokedBy?: string;
  /** Of a decision: who made it, and why. */
  readonly by?: string;
  readonly why?: string;
  /** When a mute ends, ms since the epoch. */
  readonly untilMs?: number;
  /** To whom it is assigned. */
  readonly owner?: string;
}

export type JournalEvent = ExperimentEvent | OperationEvent | FindingEvent;

/** `seq` counts from 1 in each stream; an entry is never changed. */
export interface JournalEntry<E extends JournalEvent = JournalEvent> {
  readonly stream: string;
  readonly seq: number;
  readonly atMs: number;
  readonly event: E;
}

export type StreamKind = "experiment" | "operations" | "finding";

/** Says once whose journal this is. */
export const INSTALLATION_STREAM = "operations/installation";
/** Says which programs can read this journal; the last entry counts. */
export const SCHEMA_STREAM = "operations/schema";
export const experimentStream = (id: string): string => `experiment/${id}`;
export const findingStream = (fingerprint: string): string => `finding/${fingerprint}`;
