import { Client, Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { checkPostgres } from "../../../src/adapters/storage/sql/check-postgres.ts";
import { migrate } from "../../../src/adapters/storage/sql/migrate.ts";
import { MIGRATIONS } from "../../../src/adapters/storage/sql/migrations.ts";
import { pooledDatabase } from "../../../src/adapters/storage/sql/pooled.ts";
import type { JournalEvent } from "../../../src/core/model/journal.ts";
import { STORAGE_ANSWERS_MS } from "../../chaos/model/environment.ts";
import { faultWire } from "../../chaos/wire.ts";
import { describeWith } from "../../support/requires.ts";
import { type PostgresServer, startPostgres } from "../../support/servers/postgres.ts";
import { freePort } from "../../support/servers/process.ts";
import { openAt } from "../../support/storage.ts";

const event: JournalEvent = { kind: "missed", why: "x" };
const at = { atMs: 1, indexMs: 1, open: true };

describe("storage on a PostgreSQL that is not there", () => {
  test("rejects, can be tried again, and does not name the password", async () => {
    const url = `postgres://worker:hunter2@127.0.0.1:${await freePort()}/aftershock`;
    const error: unknown = await openAt(url, "prod").catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "storage-unavailable", retryable: true });
    expect(JSON.stringify(error) + String(error)).not.toContain("hunter2");
  });
});

describeWith("postgres", "storage on PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  async function inDatabase(name: string): Promise<string> {
    const client = new Client(server.url);
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    return server.url.replace(/postgres$/, name);
  }

  test("a database that does not exist is said, and not tried again", async () => {
    const url = server.url.replace(/postgres$/, "nowhere");
    await expect(openAt(url, "prod")).rejects.toMatchObject({ code: "storage-unavailable", retryable: false });
  });

  test("a user who may not create tables is told what is missing", async () => {
    const url = await inDatabase("locked_down");
    const client = new Client(server.url);
    await client.connect();
    await client.query("CREATE ROLE reader LOGIN");
    await client.end();
    await expect(openAt(url.replace("aftershock@", "reader@"), "prod")).rejects.toMatchObject({
      code: "storage-unavailable",
      retryable: false,
      hint: expect.stringContaining("allowed to create a schema"),
    });
  });

  test("many that start together bring the schema forward once", async () => {
    const url = await inDatabase("together");
    const storages = await Promise.all([1, 2, 3, 4].map(() => openAt(url, "prod")));
    await storages[0]?.journal.append("experiment/a", 0, [event], at);
    expect(await storages[3]?.journal.read("experiment/a")).toHaveLength(1);
    for (const storage of storages) await storage.close();
  });

  test("a new version adds to the schema and keeps what is there; an older one refuses what it does not know", async () => {
    const url = await inDatabase("versions");
    const first = await openAt(url, "prod");
    await first.journal.append("experiment/a", 0, [event], at);
    await first.close();
    const pool = new Pool({ connectionString: url });
    const database = pooledDatabase(pool, "test");
    const next = { version: 2, name: "next", statements: ["ALTER TABLE aftershock.stream ADD COLUMN note text"] };
    const broken = {
      version: 3,
      name: "broken",
      statements: ["CREATE TABLE aftershock.half (a int)", "SELECT nonsense"],
    };
    expect(await migrate(database, [...MIGRATIONS, next])).toBe(2);
    expect(await migrate(database, [...MIGRATIONS, next])).toBe(2);
    await expect(migrate(database, [...MIGRATIONS, next, broken])).rejects.toMatchObject({
      code: "storage-unavailable",
    });
    expect(await database.query("SELECT version, name FROM aftershock.migration ORDER BY version")).toEqual([
      { version: 1, name: MIGRATIONS[0]?.name },
      { version: 2, name: "next" },
    ]);
    expect(await database.query("SELECT to_regclass('aftershock.half') AS half")).toEqual([{ half: null }]);
    expect(await database.query("SELECT name, note FROM aftershock.stream")).toEqual([
      { name: "experiment/a", note: null },
    ]);
    await pool.end();
    await expect(openAt(url, "prod")).rejects.toMatchObject({ code: "storage-unavailable", retryable: false });
  });

  test("tells what is wrong with the server's settings", async () => {
    const storage = await openAt(server.url, "prod");
    expect(await storage.check()).toEqual([]);
    await storage.close();
    const pool = new Pool({ connectionString: server.url, options: "-c synchronous_commit=off" });
    expect(await checkPostgres(pooledDatabase(pool, "test"), 99)).toEqual([
      expect.stringContaining("is too old: use 99"),
      expect.stringContaining("synchronous_commit"),
    ]);
    await pool.end();
  });

  test("a server that takes requests and never answers is an error in time", async () => {
    const url = await inDatabase("silent");
    await using wire = await faultWire(Number(new URL(url).port));
    const { journal, cache, close } = await openAt(url.replace(/:\d+\//, `:${wire.port}/`), "prod");
    await journal.append("experiment/a", 0, [event], at);
    const beganMs = performance.now();
    wire.silence();
    const asked = [journal.append("experiment/a", 1, [event], at), journal.read("experiment/a"), cache.load("history")];
    const answers = await Promise.allSettled(asked);
    expect(performance.now() - beganMs).toBeLessThan(STORAGE_ANSWERS_MS);
    const unavailable = { status: "rejected", reason: { code: "storage-unavailable", retryable: true } };
    expect(answers).toMatchObject(asked.map(() => unavailable));
    await close();
  }, 60_000);

  test("goes away and comes back: calls reject meanwhile, nothing is lost, and wake-ups go on", async () => {
    const { journal, queue, close } = await openAt(await inDatabase("restarts"), "prod");
    const woken: string[] = [];
    await journal.append("experiment/a", 0, [event], at);
    await queue.start(async (key) => void woken.push(key));
    await queue.wake("during", Date.now() + 300);
    await server.stop();
    await expect(journal.read("experiment/a")).rejects.toMatchObject({ code: "storage-unavailable", retryable: true });
    await expect(queue.wake("lost", 1)).rejects.toMatchObject({ code: "storage-unavailable", retryable: true });
    await server.start();
    await vi.waitFor(async () => expect(await journal.read("experiment/a")).toHaveLength(1), { timeout: 15_000 });
    await vi.waitFor(() => queue.wake("after", 1), { timeout: 15_000 });
    await vi.waitFor(() => expect(woken.toSorted()).toEqual(["after", "during"]), { timeout: 15_000 });
    await close();
  });
});
