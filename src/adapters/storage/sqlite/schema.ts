import type { DatabaseSync } from "node:sqlite";

/**
 * Steps of the schema; `PRAGMA user_version` says how many were done. Published steps are never
 * changed; a new one is added below.
 */
const STEPS: readonly string[] = [
  `CREATE TABLE stream (
    id INTEGER PRIMARY KEY,
    cluster TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    index_ms INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    open INTEGER NOT NULL,
    UNIQUE (cluster, name)
  ) STRICT;
  CREATE INDEX stream_by_index ON stream (cluster, kind, index_ms, name);
  CREATE INDEX stream_open ON stream (cluster, kind, index_ms, name) WHERE open;
  CREATE TABLE entry (
    stream INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    event ANY NOT NULL,
    PRIMARY KEY (stream, seq)
  ) STRICT;
  CREATE TABLE blob (
    cluster TEXT NOT NULL,
    name TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (cluster, name)
  ) STRICT;
  CREATE TABLE wake_up (
    cluster TEXT NOT NULL,
    key TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    claimed_ms INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (cluster, key, at_ms)
  ) STRICT;
  CREATE INDEX wake_up_due ON wake_up (cluster, due_ms, at_ms);`,
];

/**
 * Brings the schema forward; whoever calls holds the write lock. @throws Error when a newer program
 * has been here
 */
export function migrate(database: DatabaseSync): void {
  const { user_version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (user_version > STEPS.length) {
    throw new Error(`its schema is version ${user_version}, and this program knows ${STEPS.length}`);
  }
  for (const step of STEPS.slice(user_version)) database.exec(step);
  if (user_version < STEPS.length) database.exec(`PRAGMA user_version = ${STEPS.length}`);
}
