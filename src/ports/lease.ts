import type { ExperimentId } from "../core/model/experiment.ts";

/** Written on the lease before the API call, so that losing the journal's last second loses nothing (design.md §6). */
export interface IntentNote {
  readonly experimentId: ExperimentId;
  readonly t0Ms: number;
  readonly target: string;
}

export interface LeaseHold {
  /** Grows with every change of holder; stored with each injection as fencing token. */
  readonly token: number;
}

/** One lease per cluster guards injection. Rejects with `cluster-unavailable` or `cluster-forbidden`; not knowing is not holding. */
export interface Lease {
  /** Takes or renews the lease; null while somebody else holds it. */
  hold(signal: AbortSignal): Promise<LeaseHold | null>;
  /** Writes the intent on the lease; rejects with `lease-lost` when `hold` is no longer ours. */
  noteIntent(hold: LeaseHold, intent: IntentNote, signal: AbortSignal): Promise<void>;
  lastIntent(signal: AbortSignal): Promise<IntentNote | null>;
  release(signal: AbortSignal): Promise<void>;
}

export interface Halt {
  readonly why: string;
  readonly by: string;
  readonly atMs: number;
}

/** The halt switch: an annotation on the lease in the cluster. One that cannot be read is a halt. */
export interface HaltSwitch {
  /** The halt that stands, or null. Rejects when it cannot be read. */
  read(signal: AbortSignal): Promise<Halt | null>;
  halt(halt: Halt, signal: AbortSignal): Promise<void>;
  resume(signal: AbortSignal): Promise<void>;
}

/** Tells where the halt switch stands, without being asked each time. */
export interface HaltWatch {
  /**
   * Calls `seen` with the switch's state at the start and after every change, until `signal` aborts; then resolves. Never rejects: it comes back
   * after whatever error, and tells nothing while the switch cannot be read.
   */
  follow(seen: (halt: Halt | null) => void, signal: AbortSignal): Promise<void>;
}
