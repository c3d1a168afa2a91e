import type { JournalEntry, JournalEvent, StreamKind } from "../core/model/journal.ts";

export interface AppendOptions {
  /** Time of the entries, ms since the epoch. */
  readonly atMs: number;
  /** Where the stream sorts in `list` (an experiment: its slot); fixed by the first append. */
  readonly indexMs: number;
  /** Whether the stream has more to come: an experiment that has not ended. */
  readonly open: boolean;
}

/**
 * Append-only record of everything. Every method rejects with `storage-unavailable` (retryable) or
 * `storage-full`.
 */
export interface Journal {
  /**
   * Adds `events` after entry `afterSeq` of `stream` (0: the stream is new), all or none, durable
   * when it resolves. Rejects with `journal-conflict` when the stream does not end at `afterSeq`:
   * somebody else was faster.
   */
  append(stream: string, afterSeq: number, events: readonly JournalEvent[], options: AppendOptions): Promise<void>;
  /** All entries of one stream in order; empty when there is none. */
  read(stream: string): Promise<readonly JournalEntry[]>;
  /** Names of streams of one kind with `fromMs ≤ indexMs < toMs`, ascending by index then name. */
  list(kind: StreamKind, fromMs: number, toMs: number): Promise<readonly string[]>;
  /** Names of streams of one kind that were left open, ascending by index. */
  listOpen(kind: StreamKind): Promise<readonly string[]>;
}

/** A stream as the journal keeps it beside its entries. */
export interface StreamHead {
  readonly stream: string;
  readonly indexMs: number;
  readonly open: boolean;
}

/** What an export needs besides reading. Rejects as `Journal` does. */
export interface JournalIndex {
  /** All streams of one kind, ascending by index then name. */
  heads(kind: StreamKind): Promise<readonly StreamHead[]>;
}

/**
 * What retention may do to streams that have come to their end; nothing else ever changes an entry.
 * Rejects as `Journal` does.
 */
export interface JournalUpkeep {
  /**
   * Puts another event in the place of entry `seq`, whose time stays. False when the stream is
   * open, or has no such entry: nothing is changed then.
   */
  rewrite(stream: string, seq: number, event: JournalEvent): Promise<boolean>;
  /** Removes a stream with all its entries. False when it is open, or not there. */
  remove(stream: string): Promise<boolean>;
}

/** All that a storage does for the journal. */
export type KeptJournal = Journal & JournalIndex & JournalUpkeep;

/** Blobs by name: the history of counts. Not a record: whatever is lost is fetched again. */
export interface Cache {
  load(name: string): Promise<Uint8Array | null>;
  save(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  names(prefix: string): Promise<readonly string[]>;
}
