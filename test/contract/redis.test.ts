import { Redis } from "ioredis";
import { describeWith } from "../support/requires.ts";
import { startRedis } from "../support/servers/redis.ts";
import { journalContract } from "./journal.contract.ts";
import { type QueueSubject, queueContract } from "./queue.contract.ts";

async function begin(): Promise<QueueSubject> {
  const server = await startRedis();
  return {
    url: server.url,
    async jobs(cluster) {
      const redis = new Redis(server.url);
      const keys = await redis.keys(`{aftershock:${encodeURIComponent(cluster)}}:queue:wake-*`);
      await redis.quit();
      return keys.length;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describeWith("redis-server", "Redis", () => {
  journalContract("Redis", begin);
  queueContract("Redis", begin);
});
