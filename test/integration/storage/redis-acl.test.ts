import { Redis } from "ioredis";
import { afterEach, expect, test, vi } from "vitest";
import type { JournalEvent } from "../../../src/core/model/journal.ts";
import { describeWith } from "../../support/requires.ts";
import { type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { keptLog, openAt } from "../../support/storage.ts";

const event: JournalEvent = { kind: "missed", why: "x" };
const at = { atMs: 1, indexMs: 1, open: true };

describeWith("redis-server", "a Redis that says no", () => {
  const stack: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const resource of stack.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  });

  /**
   * A server with a user `worker` of these rights; its URL, and a connection of its administrator.
   */
  async function withUser(...rules: readonly string[]): Promise<{ url: string; admin: Redis; server: RedisServer }> {
    const server = await startRedis();
    stack.push(server);
    const admin = new Redis(server.url);
    stack.push({ [Symbol.asyncDispose]: async () => void admin.disconnect() });
    await admin.call("ACL", "SETUSER", "worker", "on", ">secret", "~*", "&*", ...rules);
    return { url: server.url.replace("redis://", "redis://worker:secret@"), admin, server };
  }
  async function storageAt(url: string, log = keptLog()) {
    const storage = await openAt(url, "prod", { log });
    stack.push({ [Symbol.asyncDispose]: () => storage.close() });
    return storage;
  }

  test.each([
    { name: "all but what is dangerous, and INFO", rules: ["+@all", "-@dangerous", "+info"] },
    {
      name: "what the documentation lists",
      rules: [
        "-@all",
        "+@read",
        "+@write",
        "+@connection",
        "+@scripting",
        "+@transaction",
        "+@blocking",
        "+@stream",
        "+@sortedset",
        "-@dangerous",
        "+info",
      ],
    },
  ])("works for a user with $name", async ({ rules }) => {
    const { url } = await withUser(...rules);
    const log = keptLog();
    const { journal, queue, cache, check } = await storageAt(url, log);
    await journal.append("experiment/a", 0, [event], at);
    expect(await journal.read("experiment/a")).toHaveLength(1);
    await cache.save("a", new Uint8Array([1]));
    expect(await cache.names("")).toEqual(["a"]);
    const woken: string[] = [];
    await queue.start(async (key) => void woken.push(key));
    await queue.wake("soon", 1);
    await vi.waitFor(() => expect(woken).toEqual(["soon"]), { timeout: 10_000 });
    await queue.wake("later", Date.now() + 3_600_000);
    expect((await check()).filter((problem) => !/nothing is persisted/.test(problem))).toEqual([]);
    expect(log.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("without INFO the queue is refused when it is opened, with the server's words and where to read on", async () => {
    const { url } = await withUser("+@all", "-@dangerous");
    const { queue } = await storageAt(url);
    await expect(queue.start(async () => undefined)).rejects.toMatchObject({
      code: "storage-unavailable",
      retryable: false,
      message: expect.stringMatching(/NOPERM.*'info'/),
      hint: expect.stringContaining("docs/operations.md"),
    });
  });

  test("a command that the ACL forbids is named, and what the ACL must allow", async () => {
    const { url, admin } = await withUser("+@all", "-@dangerous", "+info");
    const { journal } = await storageAt(url);
    await admin.call("ACL", "SETUSER", "worker", "-xadd");
    await expect(journal.append("experiment/a", 0, [event], at)).rejects.toMatchObject({
      code: "storage-unavailable",
      retryable: false,
      message: expect.stringMatching(/xadd|run this command/),
      hint: expect.stringContaining("docs/operations.md"),
    });
  });

  test("a server that became a replica is told as one", async () => {
    const { url, admin } = await withUser("+@all", "-@dangerous", "+info");
    const { journal } = await storageAt(url);
    await admin.call("REPLICAOF", "127.0.0.1", "1");
    await expect(journal.append("experiment/a", 0, [event], at)).rejects.toMatchObject({
      code: "storage-unavailable",
      retryable: true,
      message: expect.stringMatching(/read only|READONLY/),
      hint: expect.stringContaining("primary"),
    });
  });

  test("a server without memory is told as full", async () => {
    const { url, admin } = await withUser("+@all", "-@dangerous", "+info");
    const { journal } = await storageAt(url);
    await admin.config("SET", "maxmemory", "1");
    await expect(journal.append("experiment/a", 0, [event], at)).rejects.toMatchObject({ code: "storage-full" });
  });
});
