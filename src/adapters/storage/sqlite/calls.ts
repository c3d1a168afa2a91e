import type { StreamKind } from "../../../core/model/journal.ts";
import type { StreamHead } from "../../../ports/journal.ts";

/** An event as it lies in the database: JSON as text, or packed when that is shorter. */
export type Stored = string | Uint8Array;

export interface NewEntries {
  readonly stream: string;
  readonly kind: StreamKind;
  readonly afterSeq: number;
  readonly atMs: number;
  readonly indexMs: number;
  readonly open: boolean;
  readonly events: readonly Stored[];
}

export interface StoredEntry {
  readonly seq: number;
  readonly atMs: number;
  readonly event: Stored;
}

/**
 * A wake-up that this process has taken; nobody else gets it until `untilMs` of the machine's
 * clock.
 */
export interface TakenWakeUp {
  readonly key: string;
  readonly atMs: number;
  /** How often its handler has failed. */
  readonly failures: number;
}

/**
 * Whether a wake-up was taken; if none was due, when the next one is (ms of the worker's clock),
 * null when there is none.
 */
export interface Taking {
  readonly taken: TakenWakeUp | null;
  readonly nextDueMs: number | null;
}

/**
 * Until when a taken wake-up is this process's: `realMs` is the machine's clock, which all
 * processes share.
 */
export interface Claim {
  readonly owner: string;
  readonly realMs: number;
  readonly claimMs: number;
}

/** What the thread that holds the database does. Every call is one transaction. */
export interface StoreCalls {
  /** False when the stream does not end at `afterSeq`: nothing was added. */
  append(entries: NewEntries): boolean;
  read(stream: string): readonly StoredEntry[];
  list(kind: StreamKind, fromMs: number, toMs: number): readonly string[];
  listOpen(kind: StreamKind): readonly string[];
  heads(kind: StreamKind): readonly StreamHead[];
  rewrite(stream: string, seq: number, event: Stored): boolean;
  remove(stream: string): boolean;

  load(name: string): Uint8Array | null;
  save(name: string, bytes: Uint8Array): void;
  discard(name: string): void;
  names(prefix: string): readonly string[];

  wake(key: string, atMs: number): void;
  /** Takes the wake-up that has been due for longest at `nowMs` of the worker's clock. */
  take(nowMs: number, claim: Claim): Taking;
  /** Keeps a taken wake-up for longer. */
  keep(wakeUp: TakenWakeUp, claim: Claim): void;
  /** It was handled: it is gone. */
  handled(wakeUp: TakenWakeUp): void;
  /** Its handler failed: it is due again at `dueMs`. */
  failed(wakeUp: TakenWakeUp, dueMs: number): void;
  /** Gives back whatever `owner` has taken. */
  giveBack(owner: string): void;

  close(): void;
}

export type CallName = keyof StoreCalls;

/** What the thread is started with. */
export interface ThreadStart {
  readonly file: string;
  readonly cluster: string;
  /** Without it a power cut may lose what was acknowledged. */
  readonly durable: boolean;
}

export interface Request {
  readonly id: number;
  readonly call: CallName;
  readonly args: readonly unknown[];
}

/** What SQLite said: its extended result code, null for anything else that went wrong. */
export interface Failure {
  readonly code: number | null;
  readonly message: string;
}

/** Id of the first answer, which was not asked for: whether the database is open. */
export const OPENED = 0;

export type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly failure: Failure });
