import { Redis } from "ioredis";
import { afterEach, describe, expect, test, vi } from "vitest";
import { parseInfo, redisProblems } from "../../../src/adapters/storage/redis/check.ts";
import type { JournalEvent } from "../../../src/core/model/journal.ts";
import { STORAGE_ANSWERS_MS } from "../../chaos/model/environment.ts";
import { faultWire } from "../../chaos/wire.ts";
import { describeWith } from "../../support/requires.ts";
import { freePort } from "../../support/servers/process.ts";
import { type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { keptLog, openAt } from "../../support/storage.ts";

const event: JournalEvent = { kind: "missed", why: "x" };
const at = { atMs: 1, indexMs: 1, open: true };

describeWith("redis-server", "storage on Redis", () => {
  const stack: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const resource of stack.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  });
  async function redis(args: readonly string[] = []): Promise<RedisServer> {
    const server = await startRedis(args);
    stack.push(server);
    return server;
  }
  async function storageAt(url: string, options = {}) {
    const storage = await openAt(url, "prod", options);
    stack.push({ [Symbol.asyncDispose]: () => storage.close() });
    return storage;
  }

  test("is away at the start: the error can be tried again, and does not name the password", async () => {
    const url = `redis://worker:hunter2@127.0.0.1:${await freePort()}`;
    const error: unknown = await openAt(url, "prod").catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "storage-unavailable", retryable: true });
    expect(String(error)).toContain("ECONNREFUSED");
    expect(JSON.stringify(error) + String(error)).not.toContain("hunter2");
  });

  test("a wrong password is said, and not tried again", async () => {
    const server = await redis(["--requirepass", "right"]);
    const url = server.url.replace("redis://", "redis://:hunter2@");
    await expect(openAt(url, "prod")).rejects.toMatchObject({ code: "storage-unavailable", retryable: false });
  });

  test("goes away and comes back: calls reject meanwhile, nothing is lost, and wake-ups go on", async () => {
    const server = await redis();
    const log = keptLog();
    const { journal, queue } = await storageAt(server.url, { log });
    const woken: string[] = [];
    await journal.append("experiment/a", 0, [event], at);
    await queue.start(async (key) => void woken.push(key));
    await queue.wake("during", Date.now() + 300);
    await server.stop();
    await expect(journal.read("experiment/a")).rejects.toMatchObject({ code: "storage-unavailable", retryable: true });
    await expect(journal.append("experiment/a", 1, [event], at)).rejects.toMatchObject({ code: "storage-unavailable" });
    await expect(queue.wake("lost", 1)).rejects.toMatchObject({ code: "storage-unavailable", retryable: true });
    await server.start();
    await vi.waitFor(async () => expect(await journal.read("experiment/a")).toHaveLength(1), { timeout: 15_000 });
    await vi.waitFor(() => queue.wake("after", 1), { timeout: 15_000 });
    await vi.waitFor(() => expect(woken.toSorted()).toEqual(["after", "during"]), { timeout: 15_000 });
    expect(log.lines.filter(({ level }) => level === "warn").length).toBeLessThan(10);
  });

  test("is full: an append is refused whole, and works again when there is room", async () => {
    const server = await redis();
    const { journal, queue } = await storageAt(server.url);
    const admin = new Redis(server.url);
    await journal.append("experiment/a", 0, [event], at);
    await admin.config("SET", "maxmemory", "1mb");
    const many = Array.from({ length: 50 }, () => event);
    await expect(journal.append("experiment/a", 1, many, at)).rejects.toMatchObject({
      code: "storage-full",
      retryable: true,
    });
    await expect(journal.append("experiment/new", 0, many, at)).rejects.toMatchObject({ code: "storage-full" });
    await expect(queue.wake("k", 1)).rejects.toMatchObject({ code: "storage-full" });
    expect(await journal.read("experiment/a")).toHaveLength(1);
    expect(await journal.list("experiment", 0, 10)).toEqual(["experiment/a"]);
    await admin.config("SET", "maxmemory", "0");
    await admin.quit();
    await journal.append("experiment/a", 1, many, at);
    expect(await journal.read("experiment/a")).toHaveLength(51);
  });

  test("keeps the rules of a Redis Cluster: every key of ours lies in one slot", async () => {
    const server = await redis(["--cluster-enabled", "yes"]);
    const admin = new Redis(server.url);
    await admin.cluster("ADDSLOTSRANGE", 0, 16_383);
    await vi.waitFor(async () => expect(await admin.cluster("INFO")).toContain("cluster_state:ok"), {
      timeout: 15_000,
    });
    const { journal, cache, queue } = await storageAt(server.url);
    await journal.append("experiment/a", 0, [event], at);
    await journal.append("experiment/b", 0, [event], { ...at, open: false });
    expect(await journal.rewrite("experiment/b", 1, event)).toBe(true);
    expect(await journal.remove("experiment/b")).toBe(true);
    await cache.save("a", new Uint8Array([1]));
    const woken = Promise.withResolvers<string>();
    await queue.start(async (key) => woken.resolve(key));
    await queue.wake("k", 1);
    expect(await woken.promise).toBe("k");
    const slots = await Promise.all((await admin.keys("*")).map((key) => admin.cluster("KEYSLOT", key)));
    expect(new Set(slots).size).toBe(1);
    await admin.quit();
  });

  test("an append whose connection breaks before the answer is an error at once, and is found when it is read", async () => {
    const server = await redis();
    await using wire = await faultWire(server.port);
    const { journal } = await storageAt(`redis://127.0.0.1:${wire.port}`);
    await journal.append("experiment/a", 0, [event], at);
    wire.arm("cut");
    const cut = journal.append("experiment/a", 1, [event], at);
    await expect(cut).rejects.toMatchObject({
      code: "storage-unavailable",
      retryable: true,
      message: expect.stringContaining("the connection broke before the answer arrived"),
    });
    await vi.waitFor(async () => expect(await journal.read("experiment/a")).toHaveLength(2));
  });

  test("a server that takes requests and never answers is an error in time, for journal, cache and queue", async () => {
    const server = await redis();
    const { journal, cache, queue } = await storageAt(server.url);
    await journal.append("experiment/a", 0, [event], at);
    server.signal("SIGSTOP");
    const beganMs = performance.now();
    const asked = [
      journal.append("experiment/a", 1, [event], at),
      journal.read("experiment/a"),
      journal.listOpen("experiment"),
      cache.load("history"),
      queue.wake("k", 1),
    ];
    const answers = await Promise.allSettled(asked);
    expect(performance.now() - beganMs).toBeLessThan(STORAGE_ANSWERS_MS);
    server.signal("SIGCONT");
    const unavailable = { status: "rejected", reason: { code: "storage-unavailable", retryable: true } };
    expect(answers).toMatchObject(asked.map(() => unavailable));
    // what was asked arrived after all: whoever reads finds it
    await vi.waitFor(async () => expect(await journal.read("experiment/a")).toHaveLength(2));
  }, 40_000);

  test("a server that persists and evicts nothing has no problems", async () => {
    const storage = await storageAt((await redis()).url);
    expect(await storage.check()).toEqual([]);
  });

  test("a server that evicts and does not persist is told so, with what to do", async () => {
    const server = await redis(["--appendonly", "no", "--save", "", "--maxmemory-policy", "allkeys-lru"]);
    vi.spyOn(console, "warn").mockReturnValue(); // BullMQ says the policy on its own, too
    const storage = await storageAt(server.url);
    expect(await storage.check()).toEqual([
      expect.stringContaining("set it to noeviction"),
      expect.stringContaining("set appendonly yes"),
    ]);
    vi.restoreAllMocks();
  });
});

describe("what INFO says of a Redis", () => {
  const good =
    "# Server\r\nredis_version:7.2.4\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\nrdb_last_bgsave_status:ok\r\nrole:master\r\n";
  test.each([
    { name: "nothing wrong", change: ["", ""], problem: [] },
    { name: "an old version", change: ["7.2.4", "6.0.16"], problem: [expect.stringContaining("use 6.2 or newer")] },
    {
      name: "a dump that failed",
      change: ["status:ok", "status:err"],
      problem: [expect.stringContaining("disk failed")],
    },
    {
      name: "snapshots alone",
      change: ["aof_enabled:1", "aof_enabled:0\r\nrdb_saves:3"],
      problem: [expect.stringMatching(/minutes since the last one, open damage .* lease remembers .* appendonly yes/)],
    },
    {
      name: "nothing that is kept",
      change: ["aof_enabled:1", "aof_enabled:0"],
      problem: [expect.stringMatching(/a restart of Redis loses .* lease remembers .* appendonly yes/)],
    },
    { name: "a replica", change: ["role:master", "role:slave"], problem: [expect.stringContaining("primary")] },
  ])("$name", ({ change: [from = "", to = ""], problem }) => {
    expect(redisProblems(parseInfo(good.replace(from, to)))).toEqual(problem);
  });
});
