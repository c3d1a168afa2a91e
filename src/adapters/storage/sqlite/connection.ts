import type { DatabaseSync } from "node:sqlite";
import { migrate } from "./schema.ts";

/** SQLite waits this long by itself for another process's lock … */
const BUSY_TIMEOUT_MS = 5_000;
/**
 * … and we go on for so long, since some locks it does not wait for: the change to WAL, recovery
 * after a crash.
 */
const PATIENCE_MS = 20_000;
const BETWEEN_ATTEMPTS_MS = 10;

/** Primary result codes: https://www.sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;

/** A database of which every call is a transaction, patient with other processes. */
export interface Connection {
  read<T>(work: () => T): T;
  /**
   * All of `work` or nothing; on the disk when it returns, if the connection is durable. Inside
   * another `write` it is a part of that.
   */
  write<T>(work: () => T): T;
  readonly database: DatabaseSync;
}

/** Opens the database in `file`, or makes it, and brings its schema forward. */
export async function connect(file: string, durable: boolean): Promise<Connection> {
  const { DatabaseSync } = await withoutExperimentalWarning(() => import("node:sqlite"));
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  const connection: Connection = {
    database,
    read: patiently,
    write: (work) => (database.isTransaction ? work() : patiently(() => inTransaction(database, work))),
  };
  try {
    for (const pragma of pragmas(durable, process.versions.sqlite ?? "")) patiently(() => database.exec(pragma));
    connection.write(() => migrate(database));
  } catch (cause) {
    database.close();
    throw cause;
  }
  return connection;
}

/**
 * A commit is on the disk when it is acknowledged. Versions of SQLite in which two processes can
 * lose commits when the write-ahead log begins anew keep a rollback journal instead; EXTRA also
 * syncs the folder, without which a power cut can take the last commit back.
 */
function pragmas(durable: boolean, version: string): readonly string[] {
  const safeLog = !hasWalResetBug(version);
  const synchronous = safeLog ? "FULL" : "EXTRA";
  return [
    `PRAGMA journal_mode = ${safeLog ? "WAL" : "DELETE"}`,
    `PRAGMA synchronous = ${durable ? synchronous : "OFF"}`,
    // macOS keeps what was synced in the drive's cache otherwise
    "PRAGMA fullfsync = ON",
    // after a burst the log is cut to this
    "PRAGMA journal_size_limit = 16777216",
  ];
}

/** Fixed in 3.51.3, and in 3.50.7 and 3.44.6: https://www.sqlite.org/wal.html#walresetbug */
export function hasWalResetBug(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (major !== 3) return major < 3;
  if (minor === 50) return patch < 7;
  if (minor === 44) return patch < 6;
  return minor < 51 || (minor === 51 && patch < 3);
}

function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  // IMMEDIATE: a transaction that reads first and then writes is refused at once when somebody
  // wrote in between
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (cause) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw cause;
  }
}

/** Tries again while another process holds the lock. This thread does nothing else: it may wait. */
function patiently<T>(work: () => T): T {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return work();
    } catch (cause) {
      if (![BUSY, LOCKED].includes((resultCode(cause) ?? 0) & 0xff) || performance.now() > untilMs) throw cause;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BETWEEN_ATTEMPTS_MS);
    }
  }
}

/** SQLite's extended result code, or null when something else went wrong. */
export const resultCode = (cause: unknown): number | null =>
  cause instanceof Error && "errcode" in cause ? Number(cause.errcode) : null;

/**
 * Node 22 warns that SQLite is experimental; users can do nothing about that. Every other warning
 * passes.
 */
async function withoutExperimentalWarning<T>(work: () => Promise<T>): Promise<T> {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    const isOurs = String(warning).includes("SQLite") && rest[0] === "ExperimentalWarning";
    if (!isOurs) Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return await work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
