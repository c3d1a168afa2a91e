/** A file that this process alone holds. */
export interface FileLock {
  release(): void;
}

/** Numeric code of SQLite for "somebody else holds it": https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/**
 * Takes the lock on the file at `path`, or answers null while another process holds it; never waits.
 *
 * The lock is the kernel's own (SQLite's exclusive transaction is an fcntl lock), so it ends with its process, however that dies: nothing
 * stale is ever left, and a process id that is used again means nothing. It holds between containers that share the volume, too.
 */
export async function lockFile(path: string): Promise<FileLock | null> {
  const { DatabaseSync } = await withoutExperimentalWarning(() => import("node:sqlite"));
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // in memory: no journal file lies beside it, and none is ever rolled back
    database.exec("PRAGMA journal_mode = MEMORY");
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if (cause instanceof Error && "errcode" in cause && cause.errcode === SQLITE_BUSY) return null;
    throw cause;
  }
  return { release: () => database.close() };
}

/** Node 22 and 24 warn that SQLite is experimental; the lock uses the oldest part of it, and users can do nothing about the warning. */
async function withoutExperimentalWarning<T>(work: () => Promise<T>): Promise<T> {
  const emitWarning = process.emitWarning;
  const quiet = (warning: string | Error, ...rest: unknown[]): void => {
    if (!String(warning).includes("SQLite")) Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  process.emitWarning = quiet;
  try {
    return await work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
