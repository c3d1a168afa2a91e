import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectLocal, type LocalClient } from "../../adapters/storage/local/client.ts";
import { describeHolder, readHolder, socketPath, writeHolder } from "../../adapters/storage/local/holder.ts";
import { serveStorage } from "../../adapters/storage/local/server.ts";
import { type FileLock, lockFile } from "../../adapters/system/lock.ts";
import { AftershockError, describeError } from "../../core/model/error.ts";
import { bullQueue, invalid, type Storage, type StorageOptions, withQueue } from "./opened-storage.ts";

/** An embedded store has one worker: nobody else can take its job for lost. */
const LOCK_MS = 5_000;

/** Between the lock and the socket of the other process lie a few milliseconds; and it may be ending. */
const ATTEMPTS = 40;
const BETWEEN_ATTEMPTS_MS = 50;

/**
 * Opens the embedded store: its files when nobody holds them, else the process that does, through its socket. Then `queue.start` rejects with
 * `storage-locked`: the embedded store has one worker.
 */
export async function openEmbeddedStorage(url: string, options: StorageOptions): Promise<Storage> {
  const name = url.slice("embedded:".length);
  if (name === "") throw invalid(url);
  const folder = resolve(options.cwd ?? process.cwd(), name);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new AftershockError("storage-unavailable", `the folder of ${url} cannot be made: ${describeError(cause)}`, {
      hint: "name a folder in storage.url that this user may write to",
    });
  });
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const lock = await lockFile(join(folder, "lock.db"));
    if (lock !== null) return openFiles(folder, lock, options);
    const client = await connectLocal(socketPath(folder), `embedded:${folder}`).catch(() => null);
    if (client !== null) return beside(client, folder, options.cluster);
    await sleep(BETWEEN_ATTEMPTS_MS);
  }
  throw await locked(folder);
}

async function openFiles(folder: string, lock: FileLock, options: StorageOptions): Promise<Storage> {
  const opened = Promise.withResolvers<Storage>();
  opened.promise.catch(() => undefined); // who asks through the socket is told, too
  const closing: (() => Promise<void> | void)[] = [() => lock.release()];
  try {
    await writeHolder(folder, options.command ?? "aftershock", options.cluster, options.clock.nowMs());
    const server = await serveStorage(socketPath(folder), opened.promise);
    closing.unshift(() => server.close());
    const storage = await openDatabase(folder, options);
    opened.resolve(storage);
    closing.splice(1, 0, () => storage.close());
    return { ...storage, close: () => inOrder(closing) };
  } catch (cause) {
    opened.reject(cause);
    await inOrder(closing);
    throw cause;
  }
}

async function openDatabase(folder: string, options: StorageOptions): Promise<Storage> {
  const { openEmbedded } = await import("../../adapters/storage/sql/embedded/open.ts");
  const parts = await openEmbedded(folder, options.cluster, options.log, options.durable ?? true);
  return withQueue(parts, async () => {
    const { onPool } = await import("../../adapters/bullmq/backends.ts");
    const backend = await onPool(parts.pool, `embedded:${folder}`, options.cluster);
    return bullQueue(backend, { ...options, lockMs: options.lockMs ?? LOCK_MS });
  });
}

/** The socket first, so that nobody asks a closed database; the lock last. */
async function inOrder(steps: readonly (() => Promise<void> | void)[]): Promise<void> {
  for (const step of steps) await step();
}

/** The storage of the process that holds the folder; its journal is that of its cluster. */
async function beside(client: LocalClient, folder: string, cluster: string): Promise<Storage> {
  const holder = await readHolder(folder);
  if (holder?.cluster !== cluster) {
    client.close();
    throw await locked(folder);
  }
  return {
    journal: client.journal,
    cache: client.cache,
    queue: {
      wake: (key, atMs) => client.wake(key, atMs),
      start: async () => {
        throw await locked(folder);
      },
      close: async () => undefined,
    },
    check: async () => [],
    close: async () => client.close(),
  };
}

async function locked(folder: string): Promise<AftershockError> {
  return new AftershockError(
    "storage-locked",
    `the embedded store in ${folder} is held by ${describeHolder(await readHolder(folder))}`,
    {
      hint: "stop that process, or set storage.url to redis:// or postgres://, which several workers can share",
      retryable: true,
    },
  );
}
