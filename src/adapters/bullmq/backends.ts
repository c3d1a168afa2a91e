import { createPostgresBackend, createRedisBackend, type QueueOptions } from "bullmq";
import type { Backend } from "./backend.ts";

/**
 * BullMQ on Redis. `address` is what ioredis takes, `where` the URL without its secrets, `prefix`
 * what every key begins with.
 */
export function onRedis(address: object, where: string, prefix: string): Backend {
  // a producer says at once that Redis is away; a consumer waits until it is back
  const producer = { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: 10_000 };
  return {
    where,
    name: "queue",
    options: (role) => ({
      prefix,
      connection: {
        ...address,
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

/** BullMQ types the options of every back end as those of Redis. */
const SQL_FACTORY = createPostgresBackend as unknown as Backend["factory"];
const onSql = (connection: unknown): QueueOptions => ({ connection }) as QueueOptions;

/** One table holds the queues of all clusters; a name must not have a colon. */
const queueName = (cluster: string): string => `queue-${encodeURIComponent(cluster)}`;
