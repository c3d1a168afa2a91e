import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Cache } from "../../ports/journal.ts";

/** Smaller ones gain nothing. */
const WORTH_BYTES = 2_048;
/**
 * Half the CPU of the usual level for a tenth more bytes (measured on observations and snapshots).
 */
const LEVEL = 3;
/**
 * First bytes of gzip: https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1. None of our blobs
 * begins so by itself.
 */
const MAGIC = [0x1f, 0x8b] as const;

const squeeze = promisify<Uint8Array, { level: number }, Buffer>(gzip);
const expand = promisify<Uint8Array, Buffer>(gunzip);

/**
 * `bytes` with fewer of them, if it is worth it; on a thread of the pool, nobody waits. A copy:
 * zlib answers with a part of a page of 16 KiB.
 */
export const pack = async (bytes: Uint8Array): Promise<Uint8Array> =>
  bytes.length < WORTH_BYTES ? bytes : new Uint8Array(await squeeze(bytes, { level: LEVEL }));

/** What `pack` was given; what was never packed stays as it is. */
export const unpack = async (bytes: Uint8Array): Promise<Uint8Array> =>
  bytes[0] === MAGIC[0] && bytes[1] === MAGIC[1] ? new Uint8Array(await expand(bytes)) : bytes;

/** A cache that keeps its blobs packed. */
export function packedCache(cache: Cache): Cache {
  return {
    load: async (name) => {
      const bytes = await cache.load(name);
      return bytes === null ? null : unpack(bytes);
    },
    save: async (name, bytes) => cache.save(name, await pack(bytes)),
    remove: (name) => cache.remove(name),
    names: (prefix) => cache.names(prefix),
  };
}
