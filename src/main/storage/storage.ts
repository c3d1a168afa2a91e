import { maskUrl } from "../../adapters/storage/mask-url.ts";
import type { StorageParts } from "../../adapters/storage/parts.ts";
import { bullQueue, invalid, type Storage, type StorageOptions, withQueue } from "./opened-storage.ts";

/**
 * Opens the storage that `url` names, and loads only its driver: `embedded:FOLDER`, `redis://`,
 * `rediss://`, `redis+sentinel://`, `postgres://`. Rejects with `storage-unavailable` (retryable
 * when the server is away), `storage-full`, and `config-invalid` for any other URL.
 */
export async function openStorage(url: string, options: StorageOptions): Promise<Storage> {
  switch (url.slice(0, Math.max(url.indexOf(":"), 0))) {
    case "embedded": {
      const { openEmbeddedStorage } = await import("./embedded-storage.ts");
      return openEmbeddedStorage(url, options);
    }
    case "redis":
    case "rediss":
      return openRedisStorage(checked(url), options);
    case "redis+sentinel":
    case "rediss+sentinel":
      return openRedisStorage(url, options);
    case "postgres":
    case "postgresql":
      return openPostgresStorage(checked(url), options);
    default:
      throw invalid(url);
  }
}

/**
 * Journal and cache alone, over connections of their own: for those who only read. Rejects as
 * `openStorage` does.
 */
export async function openRecords(
  url: string,
  { cluster, cwd, log }: Pick<StorageOptions, "cluster" | "cwd" | "log">,
): Promise<StorageParts> {
  switch (url.slice(0, Math.max(url.indexOf(":"), 0))) {
    case "embedded": {
      const { openEmbeddedRecords } = await import("./embedded-storage.ts");
      return openEmbeddedRecords(url, cluster, cwd);
    }
    case "redis":
    case "rediss": {
      const { openRedis } = await import("../../adapters/storage/redis/open.ts");
      return openRedis(checked(url), cluster, log);
    }
    case "postgres":
    case "postgresql": {
      const { openPostgres } = await import("../../adapters/storage/sql/postgres.ts");
      return openPostgres(checked(url), cluster, log);
    }
    default:
      throw invalid(url);
  }
}

async function openRedisStorage(url: string, options: StorageOptions): Promise<Storage> {
  const { openRedis } = await import("../../adapters/storage/redis/open.ts");
  const { redisAddress } = await import("../../adapters/storage/redis/address.ts");
  const parts = await openRedis(url, options.cluster, options.log);
  return withQueue(parts, async () => {
    const { onRedis } = await import("../../adapters/bullmq/backends.ts");
    return bullQueue(onRedis(redisAddress(url), maskUrl(url), parts.prefix), options);
  });
}

async function openPostgresStorage(url: string, options: StorageOptions): Promise<Storage> {
  const { openPostgres, poolConfig } = await import("../../adapters/storage/sql/postgres.ts");
  const parts = await openPostgres(url, options.cluster, options.log);
  return withQueue(parts, async () => {
    const { onPostgres } = await import("../../adapters/bullmq/backends.ts");
    return bullQueue(onPostgres({ ...poolConfig(url, 2) }, maskUrl(url), options.cluster), options);
  });
}

/** A URL that its driver will understand. */
function checked(url: string): string {
  if (!URL.canParse(url) || new URL(url).hostname === "") throw invalid(url);
  return url;
}
