import type { PGlite } from "@electric-sql/pglite";

/** Statements between two looks at the length of the log. */
const STATEMENTS_BETWEEN_LOOKS = 200;
/** Length of the log that starts a round of upkeep. */
const LONG_LOG_BYTES = 8 * 1024 * 1024;

/**
 * PostgreSQL in one process has neither checkpointer nor autovacuum: without this, the write-ahead log and the queue's dead rows would grow
 * until the end. Answers a function to be called after each statement.
 */
export function upkeep(database: PGlite, report: (cause: unknown) => void): () => void {
  let statements = 0;
  let busy = false;
  return () => {
    statements += 1;
    if (statements % STATEMENTS_BETWEEN_LOOKS !== 0 || busy) return;
    busy = true;
    tidyLongLog(database)
      .catch(report)
      .finally(() => {
        busy = false;
      });
  };
}

async function tidyLongLog(database: PGlite): Promise<void> {
  if (database.closed || (await logBytes(database)) < LONG_LOG_BYTES) return;
  await database.exec("VACUUM");
  await database.exec("CHECKPOINT");
}

/** Bytes of log since the last checkpoint: what a start after a crash must read again. */
export async function logBytes(database: PGlite): Promise<number> {
  const { rows } = await database.query<{ bytes: number }>(
    "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::float8 AS bytes FROM pg_control_checkpoint()",
  );
  return rows[0]?.bytes ?? 0;
}
