import { fdatasyncSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { PGlite } from "@electric-sql/pglite";

/** PostgreSQL's switch that never waits for the disk. */
const NO_SYNC = "-F";
/**
 * How PostgreSQL runs inside this process. Beside PGlite's own start parameters: 4 MiB of shared buffers instead of 128, and no `-F`, so that
 * a commit is on the disk when it is acknowledged.
 */
const START_PARAMS: string[] = [
  ...PGlite.defaultStartParams.filter((param) => param !== NO_SYNC),
  ...["-c", "shared_buffers=4MB"],
  // PGlite's fdatasync() does nothing; its fsync() asks the file system, see syncForReal
  ...["-c", "wal_sync_method=fsync"],
  ...["-c", "min_wal_size=4MB", "-c", "max_wal_size=16MB"],
];

/** The log grows a MiB at a time: small folders, and little room needed to go on. Only for new folders. */
const INIT_PARAMS = ["--wal-segsize=1"];

/**
 * Opens (or makes) the database in `folder`. Whoever calls holds the folder's lock: two that open it destroy it. Without `durable` a power cut
 * may lose what was acknowledged: for data that nobody keeps.
 */
export async function openPglite(folder: string, durable: boolean): Promise<PGlite> {
  compileOnce();
  const startParams = durable ? START_PARAMS : [...START_PARAMS, NO_SYNC];
  const database = await PGlite.create(folder, { startParams, initDbStartParams: INIT_PARAMS });
  if (durable) syncForReal(database);
  return database;
}

/**
 * V8 would compile PostgreSQL's hot functions a second time, optimising; some are so large that this takes 500 MiB of memory for seconds, and more
 * CPU than our few small statements ever give back. Must be said before the first WebAssembly of PostgreSQL is compiled.
 * Measured with PGlite 0.5.14 on Node 24: an open store 150 MiB instead of 220, its first minute at most 150 instead of 700, the making of a
 * new one at most 490 instead of 1,050; a statement takes the same time.
 */
function compileOnce(): void {
  setFlagsFromString("--no-wasm-tier-up");
  setFlagsFromString("--no-wasm-dynamic-tiering");
}

interface NodeFileStream {
  readonly nfd?: number;
}

/** PGlite's file system on Node never calls fsync, so a power cut could lose what was acknowledged. Give it the call that is missing. */
function syncForReal(database: PGlite): void {
  const filesystems = database.Module.FS.filesystems as {
    NODEFS?: { stream_ops: { fsync?: (stream: NodeFileStream) => number } };
  };
  if (filesystems.NODEFS === undefined) return;
  filesystems.NODEFS.stream_ops.fsync = ({ nfd }) => {
    if (nfd !== undefined) fdatasyncSync(nfd);
    return 0;
  };
}
