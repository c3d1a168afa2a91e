import { setTimeout } from "node:timers/promises";
import { maskUrl } from "../../adapters/storage/mask-url.ts";
import type { StorageParts } from "../../adapters/storage/parts.ts";
import { AftershockError } from "../../core/model/error.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Cache, KeptJournal } from "../../ports/journal.ts";
import type { Log } from "../../ports/log.ts";
import type { Queue } from "../../ports/queue.ts";
import { lateQueue } from "./late-queue.ts";

export interface Storage {
  readonly journal: KeptJournal;
  readonly cache: Cache;
  readonly queue: Queue;
  /** What is wrong with the storage's set-up, each with what to do; empty when all is well. */
  check(): Promise<readonly string[]>;
  /**
   * Closes everything, the queue too; a handler that still runs is cut off. Close the queue before
   * to let it end.
   */
  close(): Promise<void>;
}

export interface StorageOptions {
  /** Clusters that share a storage are told apart by this name. */
  readonly cluster: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How many times as fast as a real one `clock` runs; 1 when left out. */
  readonly speed?: number;
  /** What `embedded:./…` is relative to; the working directory when left out. */
  readonly cwd?: string;
  /**
   * Real ms without a sign of life after which a job counts as lost, and is delivered again within
   * twice that.
   */
  readonly lockMs?: number;
  /**
   * When false an embedded store does not wait for the disk: for data that nobody keeps, like the
   * demo's.
   */
  readonly durable?: boolean;
}

/** Long enough for a worker that is starved of CPU, short enough for a crash. */
const LOCK_MS = 20_000;

type BullBackend = Parameters<typeof import("../../adapters/bullmq/queue.ts").bullQueue>[0];

/** A queue on BullMQ with what the options leave out. */
export async function bullQueue(backend: BullBackend, options: StorageOptions): Promise<Queue> {
  const { bullQueue: open } = await import("../../adapters/bullmq/queue.ts");
  const { clock, log, speed = 1, lockMs = LOCK_MS } = options;
  return open(backend, { clock, log, speed, lockMs });
}

/** Both halves together; the queue is opened when it is first used. */
export function withQueue(parts: StorageParts, openQueue: () => Promise<Queue>): Storage {
  const queue = lateQueue(openQueue);
  return {
    journal: parts.journal,
    cache: parts.cache,
    queue,
    check: () => parts.check(),
    async close() {
      await within(CLOSE_MS, queue.close(0));
      await within(CLOSE_MS, parts.close());
    },
  };
}

/** A storage that answers nobody keeps no command: what it holds open ends with the process. */
const CLOSE_MS = 2_000;

async function within(ms: number, closing: Promise<void>): Promise<void> {
  const waited = new AbortController();
  try {
    await Promise.race([closing, setTimeout(ms, undefined, { ref: false, signal: waited.signal })]);
  } finally {
    waited.abort();
    closing.catch(() => undefined);
  }
}

export function invalid(url: string): AftershockError {
  return new AftershockError("config-invalid", `storage.url cannot be used: ${maskUrl(url)}`, {
    hint: "expected embedded:./folder, redis://host:6379, rediss://host:6379, redis+sentinel://host:26379,host:26379/NAME or postgres://user:password@host:5432/database",
  });
}
