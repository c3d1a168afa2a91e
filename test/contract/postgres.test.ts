import { Client } from "pg";
import { describeWith } from "../support/requires.ts";
import { startPostgres } from "../support/servers/postgres.ts";
import { journalContract } from "./journal.contract.ts";
import { type QueueSubject, queueContract } from "./queue.contract.ts";

async function begin(): Promise<QueueSubject> {
  const server = await startPostgres();
  return {
    url: server.url,
    async jobs(cluster) {
      const client = new Client(server.url);
      await client.connect();
      const queue = `queue-${encodeURIComponent(cluster)}`;
      const { rowCount } = await client.query("SELECT 1 FROM aftershock_queue.job WHERE queue = $1", [queue]);
      await client.end();
      return rowCount ?? 0;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describeWith("postgres", "PostgreSQL", () => {
  journalContract("PostgreSQL", begin);
  queueContract("PostgreSQL", begin);
});
