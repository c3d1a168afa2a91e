import type { Log } from "../../../ports/log.ts";
import { maskUrl } from "../mask-url.ts";
import type { StorageParts } from "../parts.ts";
import { redisCache } from "./cache.ts";
import { checkRedis } from "./check.ts";
import { connectRedis } from "./connection.ts";
import { redisJournal } from "./journal.ts";
import { keysOf } from "./keys.ts";

export interface RedisParts extends StorageParts {
  /** What every key begins with, for the queue. */
  readonly prefix: string;
}

/** Connects to Redis. Rejects with `storage-unavailable`, retryable when it is away. */
export async function openRedis(url: string, cluster: string, log: Log): Promise<RedisParts> {
  const where = maskUrl(url);
  const keys = keysOf(cluster);
  const redis = await connectRedis(url, log);
  return {
    journal: redisJournal(redis, keys, where),
    cache: redisCache(redis, keys, where),
    prefix: keys.prefix,
    check: () => checkRedis(redis, where),
    async close() {
      await redis.quit().catch(() => redis.disconnect());
    },
  };
}
