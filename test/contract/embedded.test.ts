import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll } from "vitest";
import { openPglite } from "../../src/adapters/storage/sql/embedded/pglite.ts";
import { embeddedFolder } from "../support/embedded.ts";
import { journalContract } from "./journal.contract.ts";
import { type QueueSubject, queueContract } from "./queue.contract.ts";

const folder = embeddedFolder();
afterAll(async () => rm(await folder, { recursive: true, force: true }));

async function begin(): Promise<QueueSubject> {
  const at = await folder;
  return {
    url: `embedded:${at}`,
    async jobs(cluster) {
      const database = await openPglite(join(at, "db"), true);
      const { rows } = await database.query("SELECT 1 FROM bullmq.job WHERE queue = $1", [
        `queue-${encodeURIComponent(cluster)}`,
      ]);
      await database.close();
      return rows.length;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

// one process and one session: the same statements as on a server, only slower
journalContract("embedded PostgreSQL", begin, 1_000);
queueContract("embedded PostgreSQL", begin);
