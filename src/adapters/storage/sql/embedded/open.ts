import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { PGlite } from "@electric-sql/pglite";
import { describeError } from "../../../../core/model/error.ts";
import type { Log } from "../../../../ports/log.ts";
import { unusable } from "../../errors.ts";
import { packedCache } from "../../packed.ts";
import type { StorageParts } from "../../parts.ts";
import { sqlCache } from "../cache.ts";
import { sqlJournal } from "../journal.ts";
import { migrate } from "../migrate.ts";
import { embeddedDatabase } from "./database.ts";
import { openPglite } from "./pglite.ts";
import { EmbeddedPool } from "./pool.ts";
import { ensureSpace } from "./space.ts";
import { upkeep } from "./upkeep.ts";

export interface EmbeddedParts extends StorageParts {
  /** For the queue; see EmbeddedPool. */
  readonly pool: EmbeddedPool;
}

/**
 * Opens the embedded PostgreSQL of `folder`, or makes it. Whoever calls holds the folder's lock.
 * Without `durable` a power cut may lose what was acknowledged.
 * Rejects with `storage-full` when the disk has too little room, and with `storage-unavailable` when the data cannot be opened.
 */
export async function openEmbedded(
  folder: string,
  cluster: string,
  log: Log,
  durable: boolean,
): Promise<EmbeddedParts> {
  const where = `embedded:${folder}`;
  await mkdir(join(folder, "db"), { recursive: true });
  await ensureSpace(folder);
  const database = await openPglite(join(folder, "db"), durable).catch((cause: unknown) => {
    throw unusable(where, describeError(cause), "move the folder away to start anew, or restore it from a copy");
  });
  try {
    return await parts(database, folder, cluster, log);
  } catch (cause) {
    await database.close();
    throw cause;
  }
}

async function parts(database: PGlite, folder: string, cluster: string, log: Log): Promise<EmbeddedParts> {
  const where = `embedded:${folder}`;
  const afterEach = upkeep(database, (cause) =>
    log.warn("upkeep of the store failed", { where, why: describeError(cause) }),
  );
  const sql = embeddedDatabase(database, folder, afterEach);
  await migrate(sql);
  return {
    journal: sqlJournal(sql, cluster),
    cache: packedCache(sqlCache(sql, cluster)),
    pool: new EmbeddedPool(database, folder, afterEach),
    // one process, its own settings: what could be wrong was refused at the start
    check: async () => [],
    close: () => database.close(),
  };
}
