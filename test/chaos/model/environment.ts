import type { Fault } from "../../../src/core/model/fault.ts";
import type { JournalEvent } from "../../../src/core/model/journal.ts";
import type { Window } from "../../../src/core/model/units.ts";

/**
 * Every storage adapter rejects after this at the latest when it gets no answer: Redis after 10 s,
 * PostgreSQL after 15 s, the embedded store after 30 s. Tests of the real ones in
 * test/integration/storage hold that.
 */
export const STORAGE_ANSWERS_MS = 30_000;

/** A request to the API server, and for which experiment it is made. */
export interface ApiAsk {
  readonly method: string;
  /** From the server's address on, with its query. */
  readonly url: string;
  readonly body?: string;
  readonly experiment: string | null;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
  /** What the server's clock showed. */
  readonly dateMs: number;
}

/** What a process asks of the storage. */
export type StorageAsk =
  | {
      readonly do: "append";
      readonly stream: string;
      readonly afterSeq: number;
      readonly events: readonly JournalEvent[];
      readonly atMs: number;
      readonly indexMs: number;
      readonly open: boolean;
    }
  | { readonly do: "read"; readonly stream: string }
  | { readonly do: "list"; readonly kind: string; readonly fromMs: number; readonly toMs: number }
  | { readonly do: "listOpen"; readonly kind: string }
  | { readonly do: "load"; readonly name: string }
  | { readonly do: "save"; readonly name: string; readonly bytes: Uint8Array }
  | { readonly do: "wake"; readonly key: string; readonly atMs: number };

export type MetricsAsk = "counts" | "edges" | "recent" | "health" | "alerts";

/** What the metrics say at a moment, as far as they say it. */
export interface MetricsAnswer {
  /** It came back in part only, as a query whose sidecars did not all answer. */
  readonly partial: boolean;
}

/** What a configuration would say. */
export interface LifeSettings {
  readonly faults: readonly Fault[];
  readonly names: readonly string[];
  readonly shamShare: number;
  readonly seed: number;
  readonly perDay: number;
  readonly lateAfterMs: number;
  readonly openDamageMax: number;
  readonly freezes: readonly Window[];
}

/** What an operating system and a network would give a process. */
export interface Environment {
  readonly identity: string;
  readonly settings: LifeSettings;
  /** Aborts at SIGTERM. */
  readonly signal: AbortSignal;
  /** As long as it takes to have a token: a program that is asked for one may take its time. */
  credentials(): Promise<void>;
  api(ask: ApiAsk, signal: AbortSignal): Promise<ApiAnswer>;
  /** Rejects with `{ code }` when the storage refuses, or cannot be reached. */
  storage(ask: StorageAsk): Promise<unknown>;
  metrics(ask: MetricsAsk, experiment: string | null, signal: AbortSignal): Promise<MetricsAnswer>;
  /** Failures among the requests of `service` at `atMs` of the time that nobody can set, 0…1. */
  failing(service: string, atMs: number): number;
  /** Nobody scraped anything at `atMs` of that time. */
  unseen(atMs: number): boolean;
  /** Tells the lease at the start and after each change. */
  followLease(seen: (lease: object | null) => void, signal: AbortSignal): Promise<void>;
  /** Hands over what is due, one of each key at a time; answers how to end that. */
  takeWork(handler: (key: string) => Promise<void>): () => void;
}
