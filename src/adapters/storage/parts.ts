import type { Cache, KeptJournal } from "../../ports/journal.ts";

/** What a backend gives, apart from the queue. */
export interface StorageParts {
  readonly journal: KeptJournal;
  readonly cache: Cache;
  /** What is wrong with the server's set-up, each with what to do; empty when all is well. */
  check(): Promise<readonly string[]>;
  close(): Promise<void>;
}
