import type { Redis } from "ioredis";
import type { Cache } from "../../../ports/journal.ts";
import type { Ask } from "./ask.ts";
import type { Keys } from "./keys.ts";

/** Blobs as fields of one hash. */
export function redisCache(redis: Redis, keys: Keys, ask: Ask): Cache {
  return {
    async load(name) {
      const bytes = await ask(redis.hgetBuffer(keys.cache, name));
      return bytes === null ? null : new Uint8Array(bytes);
    },
    async save(name, bytes) {
      await ask(redis.hset(keys.cache, name, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
    },
    async remove(name) {
      await ask(redis.hdel(keys.cache, name));
    },
    async names(prefix) {
      const names = await ask(redis.hkeys(keys.cache));
      return inBytes(names.filter((name) => name.startsWith(prefix)));
    },
  };
}

/** In the order that the other backends list names in. */
const inBytes = (names: readonly string[]): string[] =>
  names
    .map((name) => ({ name, bytes: Buffer.from(name) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ name }) => name);
