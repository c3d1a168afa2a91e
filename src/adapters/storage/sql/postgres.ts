import { Pool, type PoolConfig } from "pg";
import { describeError } from "../../../core/model/error.ts";
import type { Log } from "../../../ports/log.ts";
import { maskUrl } from "../mask-url.ts";
import { packedCache } from "../packed.ts";
import type { StorageParts } from "../parts.ts";
import { sqlCache } from "./cache.ts";
import { checkPostgres } from "./check-postgres.ts";
import { sqlJournal } from "./journal.ts";
import { migrate } from "./migrate.ts";
import { pooledDatabase } from "./pooled.ts";

/**
 * Oldest PostgreSQL that BullMQ supports (ground truth of its migrator: MINIMUM_POSTGRES_VERSION).
 */
const OLDEST_POSTGRES = 13;

/** How we connect: never waits for ever, neither for a connection nor for an answer. */
export function poolConfig(url: string, max: number): PoolConfig {
  return {
    connectionString: url,
    application_name: "aftershock",
    max,
    connectionTimeoutMillis: 5_000,
    query_timeout: 15_000,
    statement_timeout: 12_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  };
}

/**
 * Opens a PostgreSQL server and brings its schema forward. Rejects with `storage-unavailable`,
 * retryable when the server is away.
 */
export async function openPostgres(url: string, cluster: string, log: Log): Promise<StorageParts> {
  const where = maskUrl(url);
  const pool = new Pool(poolConfig(url, 4));
  // an idle connection that breaks; the next query opens another, or rejects
  pool.on("error", (cause) => log.warn("connection to PostgreSQL lost", { where, why: describeError(cause) }));
  const database = pooledDatabase(pool, where);
  try {
    await migrate(database);
  } catch (cause) {
    await pool.end();
    throw cause;
  }
  return {
    journal: sqlJournal(database, cluster),
    cache: packedCache(sqlCache(database, cluster)),
    check: () => checkPostgres(database, OLDEST_POSTGRES),
    close: () => pool.end(),
  };
}
