import { createPostgresBackend, createRedisBackend, type PgPool, type QueueOptions, runMigrations } from "bullmq";
import type { Backend } from "./backend.ts";
import { queueError } from "./errors.ts";

/** BullMQ on Redis. `where` is the URL without its secrets, `prefix` what every key begins with. */
export function onRedis(url: string, where: string, prefix: string): Backend {
  // a producer says at once that Redis is away; a consumer waits until it is back
  const producer = { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: 10_000 };
  return {
    where,
    name: "queue",
    options: (role) => ({
      prefix,
      connection: {
        url,
        connectTimeout: 5_000,
        connectionName: "aftershock-queue",
        ...(role === "producer" ? producer : { maxRetriesPerRequest: null }),
      },
    }),
    factory: createRedisBackend,
  };
}

/** The tables of the queue lie in a schema of their own, made and brought forward by BullMQ. */
const SCHEMA = "aftershock_queue";

/** BullMQ on a PostgreSQL server; `config` is node-postgres' pool configuration. */
export function onPostgres(config: Readonly<Record<string, unknown>>, where: string, cluster: string): Backend {
  return {
    where,
    name: queueName(cluster),
    options: () => onSql({ ...config, schema: SCHEMA, migrate: true }),
    factory: SQL_FACTORY,
  };
}

/** BullMQ on a database that is open already and has the face of a pool; makes the tables. Their schema is the session's search path. */
export async function onPool(pool: PgPool, where: string, cluster: string): Promise<Backend> {
  const client = await pool.connect();
  try {
    await runMigrations(client);
    await client.query("SET search_path TO bullmq, public");
  } catch (cause) {
    throw queueError(where, cause);
  } finally {
    client.release();
  }
  return {
    where,
    name: queueName(cluster),
    options: () => onSql(pool),
    factory: SQL_FACTORY,
  };
}

/** BullMQ types the options of every back end as those of Redis. */
const SQL_FACTORY = createPostgresBackend as unknown as Backend["factory"];
const onSql = (connection: unknown): QueueOptions => ({ connection }) as QueueOptions;

/** One table holds the queues of all clusters; a name must not have a colon. */
const queueName = (cluster: string): string => `queue-${encodeURIComponent(cluster)}`;
