import { statfs } from "node:fs/promises";
import { full } from "../../errors.ts";

/**
 * Room that must stay free for a write to begin, in bytes. PostgreSQL that cannot extend its write-ahead log ends the whole process, and
 * cannot start again either (seen with PGlite 0.5 on a full tmpfs): so a write is refused while there is still room for the log of the
 * largest one.
 */
const RESERVE_BYTES = 24 * 1024 * 1024;

/** Rejects with `storage-full` when `folder` has less than the reserve left. */
export async function ensureSpace(folder: string): Promise<void> {
  const disk = await statfs(folder);
  const freeBytes = disk.bavail * disk.bsize;
  if (freeBytes >= RESERVE_BYTES) return;
  throw full(
    `embedded:${folder}`,
    `${mib(freeBytes)} MiB are free, ${mib(RESERVE_BYTES)} MiB are needed to write safely`,
    "free some space on that disk; nothing was lost, and work goes on by itself",
  );
}

const mib = (bytes: number): number => Math.floor(bytes / 1024 / 1024);
