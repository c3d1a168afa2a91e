import { afterEach, expect, test } from "vitest";
import { maskUrl } from "../../../src/adapters/storage/mask-url.ts";
import { redisAddress } from "../../../src/adapters/storage/redis/address.ts";
import { whyNotStorageUrl } from "../../../src/config/schema/secret-rules.ts";
import type { JournalEvent } from "../../../src/core/model/journal.ts";
import { secretsOfUrl } from "../../../src/main/setup/url-secrets.ts";
import { describeWith } from "../../support/requires.ts";
import { startRedis, startSentinel } from "../../support/servers/redis.ts";
import { openAt } from "../../support/storage.ts";

const event: JournalEvent = { kind: "missed", why: "x" };
const at = { atMs: 1, indexMs: 1, open: true };

describeWith("redis-server", "storage behind Sentinels", () => {
  const stack: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const resource of stack.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  });
  async function sentinel(): Promise<number> {
    const primary = await startRedis();
    stack.push(primary);
    const { port, ...server } = await startSentinel("shop", primary.port);
    stack.push(server);
    return port;
  }

  test("the Sentinels' port is recognised as what it is, with what to write instead", async () => {
    const error: unknown = await openAt(`redis://127.0.0.1:${await sentinel()}`, "prod").catch(
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({
      code: "storage-unavailable",
      retryable: false,
      message: expect.stringContaining("this is a Redis Sentinel, which keeps no data but knows who does"),
      hint: expect.stringContaining("redis+sentinel://host:26379,host:26379/NAME"),
    });
    expect(String(error)).not.toContain("did not answer");
  });

  test("a Sentinel address leads to the primary: journal and queue work", async () => {
    const storage = await openAt(`redis+sentinel://127.0.0.1:${await sentinel()}/shop`, "prod");
    stack.push({ [Symbol.asyncDispose]: () => storage.close() });
    await storage.journal.append("experiment/a", 0, [event], at);
    expect(await storage.journal.read("experiment/a")).toHaveLength(1);
    await storage.queue.wake("a", Date.now() + 60_000);
  });

  test("a primary that the Sentinels do not know is said", async () => {
    await expect(openAt(`redis+sentinel://127.0.0.1:${await sentinel()}/other`, "prod")).rejects.toMatchObject({
      code: "storage-unavailable",
      hint: expect.stringContaining("that they know a primary of this name"),
    });
  });

  test("a server that refuses QUIT holds nobody up", async () => {
    const server = await startRedis(["--rename-command", "QUIT", ""]);
    stack.push(server);
    const storage = await openAt(server.url, "prod");
    await storage.journal.append("experiment/a", 0, [event], at);
    const began = performance.now();
    await storage.close();
    expect(performance.now() - began).toBeLessThan(6_000);
  });
});

test.each([
  {
    url: "redis+sentinel://:pass%20word@a:1,[::1]:2/main/3",
    is: {
      sentinels: [
        { host: "a", port: 1 },
        { host: "::1", port: 2 },
      ],
      name: "main",
      db: 3,
      password: "pass word",
      sentinelPassword: "pass word",
    },
  },
  {
    url: "rediss+sentinel://a/main",
    is: { sentinels: [{ host: "a", port: 26_379 }], name: "main", db: 0, tls: {}, enableTLSForSentinelMode: true },
  },
  { url: "redis://a:1", is: { url: "redis://a:1" } },
])("$url is read", ({ url, is }) => expect(redisAddress(url)).toEqual(is));

test.each(["redis+sentinel://a:1", "redis+sentinel:///main", "redis+sentinel://a:x/main", "redis+sentinel://a/main/x"])(
  "%s is no complete address, and says what is expected",
  (url) => {
    expect(() => redisAddress(url)).toThrow(expect.objectContaining({ code: "config-invalid" }));
  },
);

test("a password of a Sentinel address is never shown, nor may it stand in the file", () => {
  const url = "redis+sentinel://worker:hunter2@a:1,b:2/main";
  expect(maskUrl(url)).toBe("redis+sentinel://worker:***@a:1,b:2/main");
  expect(maskUrl("redis+sentinel://:hunter2@a:1/main?x=hunter2")).toBe("redis+sentinel://:***@a:1/main");
  expect(secretsOfUrl(url)).toContain("hunter2");
  expect(whyNotStorageUrl(url)).toContain("a password must not stand in this file");
  expect(whyNotStorageUrl("redis+sentinel://a:1,b:2/main")).toBeNull();
  expect(whyNotStorageUrl("redis+sentinel://a:1,b:2")).toContain("the name of the primary");
});
