import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { embeddedFolder } from "../support/embedded.ts";
import { journalContract } from "./journal.contract.ts";
import { type QueueSubject, queueContract } from "./queue.contract.ts";

async function begin(): Promise<QueueSubject> {
  const folder = await embeddedFolder();
  return {
    url: `embedded:${folder}`,
    async jobs(cluster) {
      const database = new DatabaseSync(join(folder, "aftershock.db"));
      const row = database.prepare("SELECT count(*) AS jobs FROM wake_up WHERE cluster = ?").get(cluster);
      database.close();
      return Number(row?.jobs);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

journalContract("the embedded store", begin);
queueContract("the embedded store", begin);
