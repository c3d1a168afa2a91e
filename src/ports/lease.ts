import type { Choice, ExperimentId, ExperimentPlan } from "../core/model/experiment.ts";

/**
 * Written on the lease before the API call, so that losing the journal's last seconds loses nothing
 * (docs/design.md).
 */
export interface IntentNote {
  readonly experimentId: ExperimentId;
  /** By the clock of whoever wrote it. */
  readonly t0Ms: number;
  /** For people. */
  readonly target: string;
  /**
   * What is hit, so that an experiment can be gone on with whose journal was lost; absent when it
   * is too long for an annotation.
   */
  readonly choice?: Choice;
  /** What was planned, for a journal that has lost even that; absent when it is too long. */
  readonly plan?: ExperimentPlan;
  /** Whose journal has the experiment: two installations may share a lease. */
  readonly installation?: string;
}

/** The intent noted last. */
export interface NotedIntent extends IntentNote {
  /** Identity of the process that noted it. */
  readonly by: string;
  /** What became of it, in a word or two; null while it could still be called, or nobody knows. */
  readonly outcome: string | null;
}

export interface LeaseHold {
  /** Grows with every change of holder; stored with each injection as fencing token. */
  readonly token: number;
}

/**
 * One lease per cluster guards injection. Rejects with `cluster-unavailable` or
 * `cluster-forbidden`; not knowing is not holding.
 */
export interface Lease {
  /** Takes or renews the lease; null while somebody else holds it. */
  hold(signal: AbortSignal): Promise<LeaseHold | null>;
  /**
   * Writes the intent on the lease, or writes it again when it is the one that stands there.
   * Rejects with `lease-lost` when `hold` is no longer ours or a halt stands, and with
   * `intent-known` when this experiment was called before, by whomever.
   */
  noteIntent(hold: LeaseHold, intent: IntentNote, signal: AbortSignal): Promise<void>;
  lastIntent(signal: AbortSignal): Promise<NotedIntent | null>;
  /**
   * The intent of this experiment if it is the last one, `past` when it was noted in the last
   * hours, else null.
   */
  intentOf(id: ExperimentId, signal: AbortSignal): Promise<NotedIntent | "past" | null>;
  /**
   * Says what became of the last intent, if it is of this experiment and has no outcome yet. Needs
   * no hold.
   */
  settleIntent(id: ExperimentId, outcome: string, signal: AbortSignal): Promise<void>;
  release(signal: AbortSignal): Promise<void>;
}

export interface Halt {
  readonly why: string;
  readonly by: string;
  readonly atMs: number;
}

/**
 * The halt switch: an annotation on the lease in the cluster. One that cannot be read is a halt.
 */
export interface HaltSwitch {
  /**
   * The halt that stands, or null. Rejects when it cannot be read. With `sinceMs` what the lease
   * said to a request sent then or later, by the real counter, is answered without another request.
   */
  read(signal: AbortSignal, sinceMs?: number): Promise<Halt | null>;
  halt(halt: Halt, signal: AbortSignal): Promise<void>;
  resume(signal: AbortSignal): Promise<void>;
}

/** Tells where the halt switch stands, without being asked each time. */
export interface HaltWatch {
  /**
   * Calls `seen` with the switch's state at the start and after every change, until `signal`
   * aborts; then resolves. Never rejects: it comes back after whatever error, and tells nothing
   * while the switch cannot be read.
   */
  follow(seen: (halt: Halt | null) => void, signal: AbortSignal): Promise<void>;
}
