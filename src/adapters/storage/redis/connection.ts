import { setTimeout } from "node:timers/promises";
import { Redis, type RedisOptions } from "ioredis";
import { type AftershockError, describeError, AftershockError as OurError } from "../../../core/model/error.ts";
import type { Log } from "../../../ports/log.ts";
import { full, refusedForNow, unavailable, unusable } from "../errors.ts";
import { maskUrl } from "../mask-url.ts";
import { type RedisAddress, redisAddress } from "./address.ts";
import { parseInfo } from "./info.ts";

/** The first connection is made in this time, ms. */
const START_TIMEOUT_MS = 8_000;
/** A command is answered in this time or rejects: nothing hangs for ever. */
const COMMAND_TIMEOUT_MS = 10_000;

const OPTIONS = {
  lazyConnect: true,
  connectTimeout: 5_000,
  commandTimeout: COMMAND_TIMEOUT_MS,
  maxRetriesPerRequest: 1,
  // away means an error now, not an answer whenever Redis is back
  enableOfflineQueue: false,
  // an append that was sent twice would find itself in the way
  autoResendUnfulfilledCommands: false,
  connectionName: "aftershock",
} satisfies RedisOptions;

/** Connects, and reconnects by itself later. Rejects with `storage-unavailable`. */
export async function connectRedis(url: string, log: Log): Promise<Redis> {
  const where = maskUrl(url);
  const redis = clientOf(redisAddress(url));
  let last: unknown;
  redis.on("error", (cause: unknown) => {
    // each attempt to reconnect fails alike; one line says it
    if (redis.status !== "ready" && last === undefined)
      log.warn("connection to Redis lost", { where, why: describeError(cause) });
    last = cause;
  });
  redis.on("ready", () => {
    last = undefined;
  });
  try {
    await connected(redis);
    if (await isSentinel(redis)) throw notSentinel(where);
    return redis;
  } catch (cause) {
    redis.disconnect();
    throw redisError(where, cause instanceof OurError ? cause : (last ?? cause));
  }
}

const firstLine = (text: string): string => text.split("\n")[0] ?? text;

const clientOf = (address: RedisAddress): Redis =>
  "url" in address ? new Redis(address.url, OPTIONS) : new Redis({ ...address, ...OPTIONS });

/**
 * Sentinels that know no such primary are asked again and again by the driver; a start waits only
 * so long.
 */
async function connected(redis: Redis): Promise<void> {
  const waited = new AbortController();
  const late = setTimeout(START_TIMEOUT_MS, undefined, { signal: waited.signal }).then(() => {
    throw new Error("no connection was made in time");
  });
  try {
    await Promise.race([redis.connect(), late]);
  } finally {
    waited.abort();
    late.catch(() => undefined);
  }
}

/** A server that keeps INFO to itself is no Sentinel: those answer it. */
const isSentinel = (redis: Redis): Promise<boolean> =>
  redis.info("server").then(
    (info) => parseInfo(info).get("redis_mode") === "sentinel",
    () => false,
  );

const notSentinel = (where: string): AftershockError =>
  unusable(
    where,
    "this is a Redis Sentinel, which keeps no data but knows who does",
    "write redis+sentinel://host:26379,host:26379/NAME, with the name under which the Sentinels know the primary",
  );

/** What Redis or its driver said, in our words. */
export function redisError(where: string, cause: unknown): AftershockError {
  if (cause instanceof OurError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  if (/\bOOM\b/.test(why))
    return full(where, "Redis is at maxmemory", "raise maxmemory, and keep maxmemory-policy noeviction");
  if (/\bMISCONF\b|No space left/.test(why))
    return full(where, "Redis cannot write to its disk", "free disk space where Redis keeps its data");
  if (/\bNOPERM\b|\bACL failure\b|has no permissions to|can't run this command/.test(why)) {
    return unusable(where, firstLine(why), "docs/operations.md lists what the ACL of this user must allow");
  }
  if (/\b(WRONGPASS|NOAUTH)\b/.test(why)) {
    return unusable(where, firstLine(why), "check user and password of storage.url");
  }
  if (/\bREADONLY\b/.test(why)) {
    const hint = "storage.url must name the primary; after a failover it is tried again";
    return refusedForNow(where, firstLine(why), hint);
  }
  if (/^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS)\b/.test(why)) {
    return refusedForNow(where, firstLine(why), "it is tried again; see the log of Redis if this goes on");
  }
  if (/\bMOVED\b/.test(why))
    return unusable(
      where,
      "this node of a Redis Cluster does not hold our slot",
      "name the node that does, or a proxy",
    );
  if (/^All sentinels are unreachable/.test(why)) {
    return unavailable(where, cause, "check the Sentinels' addresses, and that they know a primary of this name");
  }
  // it answered, and said no
  if (isReply(cause)) return unusable(where, why.split("\n")[0] ?? why, "its own words say what it refuses");
  return unavailable(where, cause);
}

/** An error that the server itself replied with, not one of the connection. */
const isReply = (cause: unknown): boolean => cause instanceof Error && cause.name === "ReplyError";
