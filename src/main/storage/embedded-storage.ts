import { resolve } from "node:path";
import type { StorageParts } from "../../adapters/storage/parts.ts";
import { openEmbedded } from "../../adapters/storage/sqlite/open.ts";
import { timerQueue } from "../../adapters/storage/sqlite/queue.ts";
import { systemClock } from "../../adapters/system/clock.ts";
import { invalid, type Storage, type StorageOptions, withQueue } from "./opened-storage.ts";

/**
 * Processes that share a folder share a machine: one that says nothing for so long is dead, or as
 * good as dead.
 */
const LOCK_MS = 5_000;

/**
 * Opens the embedded store: a folder with one database, which any number of processes of this
 * machine may have open.
 */
export async function openEmbeddedStorage(url: string, options: StorageOptions): Promise<Storage> {
  const folder = folderOf(url, options.cwd);
  const parts = await openEmbedded(folder, options.cluster, options.durable ?? true);
  const { clock, log, speed = 1, lockMs = LOCK_MS } = options;
  return withQueue(parts, async () =>
    timerQueue(parts.store, { clock, machine: systemClock(), log, speed, lockMs, where: `embedded:${folder}` }),
  );
}

/** Its journal and cache alone: for those who only read. */
export const openEmbeddedRecords = (url: string, cluster: string, cwd?: string): Promise<StorageParts> =>
  openEmbedded(folderOf(url, cwd), cluster, true);

function folderOf(url: string, cwd = process.cwd()): string {
  const name = url.slice("embedded:".length);
  if (name === "") throw invalid(url);
  return resolve(cwd, name);
}
