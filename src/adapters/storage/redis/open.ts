import { setTimeout } from "node:timers/promises";
import type { Log } from "../../../ports/log.ts";
import { maskUrl } from "../mask-url.ts";
import { packedCache } from "../packed.ts";
import type { StorageParts } from "../parts.ts";
import { asking } from "./ask.ts";
import { redisCache } from "./cache.ts";
import { checkRedis } from "./check.ts";
import { connectRedis } from "./connection.ts";
import { redisJournal } from "./journal.ts";
import { keysOf } from "./keys.ts";

export interface RedisParts extends StorageParts {
  /** What every key begins with, for the queue. */
  readonly prefix: string;
}

/** A server that does not answer QUIT is left without, ms. */
const QUIT_MS = 1_000;

/** Connects to Redis. Rejects with `storage-unavailable`, retryable when it is away. */
export async function openRedis(url: string, cluster: string, log: Log): Promise<RedisParts> {
  const where = maskUrl(url);
  const keys = keysOf(cluster);
  const redis = await connectRedis(url, log);
  const ask = asking(redis, where);
  return {
    journal: redisJournal(redis, keys, ask),
    cache: packedCache(redisCache(redis, keys, ask)),
    prefix: keys.prefix,
    check: () => checkRedis(redis, where),
    async close() {
      await Promise.race([redis.quit(), setTimeout(QUIT_MS, undefined, { ref: false })]).catch(() => undefined);
      redis.disconnect();
    },
  };
}
