import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectLocal } from "../../../src/adapters/storage/local/client.ts";
import { socketPath } from "../../../src/adapters/storage/local/holder.ts";
import { serveStorage } from "../../../src/adapters/storage/local/server.ts";
import { openPglite } from "../../../src/adapters/storage/sql/embedded/pglite.ts";
import { logBytes, upkeep } from "../../../src/adapters/storage/sql/embedded/upkeep.ts";
import type { JournalEvent } from "../../../src/core/model/journal.ts";
import { embeddedFolder } from "../../support/embedded.ts";
import { openAt, runProcess } from "../../support/storage.ts";

const event: JournalEvent = { kind: "missed", why: "x" };
/** For tests that start processes: long enough for a machine that is busy with something else. */
const PATIENT = { timeout: 90_000 };
const at = { atMs: 1, indexMs: 1, open: true };

describe("the embedded store", () => {
  let folder: string;
  let url: string;
  beforeAll(async () => {
    folder = await embeddedFolder();
    url = `embedded:${folder}`;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test(
    "a second process uses the first one's journal, cache and queue, and is told why it cannot be a worker",
    PATIENT,
    async () => {
      const worker = runProcess("hold", url, "prod");
      expect(await worker.line()).toBe("open");
      const beside = await openAt(url, "prod");
      await beside.journal.append("experiment/beside", 0, [event, event], at);
      expect(await beside.journal.read("experiment/beside")).toMatchObject([{ seq: 1 }, { seq: 2, event }]);
      expect(await beside.journal.list("experiment", -Infinity, Infinity)).toContain("experiment/beside");
      expect(await beside.journal.listOpen("experiment")).toContain("experiment/beside");
      expect(await beside.journal.heads("experiment")).toEqual([
        { stream: "experiment/beside", indexMs: 1, open: true },
      ]);
      await expect(beside.journal.append("experiment/beside", 0, [event], at)).rejects.toMatchObject({
        code: "journal-conflict",
        hint: expect.any(String),
      });
      await expect(beside.journal.append("nowhere/x", 0, [event], at)).rejects.toThrow(RangeError);
      const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
      await beside.cache.save("beside", bytes);
      expect(await beside.cache.load("beside")).toEqual(bytes);
      expect(await beside.cache.names("bes")).toEqual(["beside"]);
      await beside.cache.remove("beside");
      expect(await beside.cache.load("beside")).toBeNull();
      await beside.queue.wake("beside", 1);
      await expect(beside.queue.start(async () => undefined)).rejects.toMatchObject({
        code: "storage-locked",
        message: expect.stringMatching(/held by process \d+ \(worker\) on .+, for cluster prod, since 20/),
        hint: expect.stringContaining("redis://"),
      });
      const [first, second] = [beside.journal.read("experiment/beside"), beside.journal.read("experiment/none")];
      expect([(await first).length, (await second).length]).toEqual([2, 0]);

      worker.kill("SIGTERM");
      expect(await worker.line()).toBe("closed");
      expect(await worker.ended).toBe(0);
      await expect(beside.journal.read("experiment/beside")).rejects.toMatchObject({
        code: "storage-unavailable",
        retryable: true,
      });
      await beside.close();

      const woken = Promise.withResolvers<string>();
      const next = await openAt(url, "prod");
      await next.queue.start(async (key) => woken.resolve(key));
      expect(await woken.promise).toBe("beside");
      expect(await next.journal.read("experiment/beside")).toHaveLength(2);
      await next.close();
    },
  );

  test("the lock of a process that was killed holds nobody up", PATIENT, async () => {
    const worker = runProcess("hold", url, "prod");
    expect(await worker.line()).toBe("open");
    worker.kill("SIGKILL");
    expect(await worker.ended).toBe("SIGKILL");
    const next = await openAt(url, "prod");
    const started = next.queue.start(async () => undefined);
    await expect(started).resolves.toBeUndefined();
    await next.close();
  });

  test("another cluster's worker is in the way, and says so", PATIENT, async () => {
    const worker = runProcess("hold", url, "staging");
    expect(await worker.line()).toBe("open");
    await expect(openAt(url, "prod")).rejects.toMatchObject({
      code: "storage-locked",
      message: expect.stringContaining("for cluster staging"),
    });
    worker.kill("SIGTERM");
    await worker.ended;
  });

  test("of two that open it in one process, one has the files and the other asks it", async () => {
    const [one, two] = await Promise.all([openAt(url, "prod"), openAt(url, "prod")]);
    await one.journal.append("experiment/one", 0, [event], at);
    expect(await two.journal.read("experiment/one")).toHaveLength(1);
    const starts = await Promise.allSettled([one, two].map(({ queue }) => queue.start(async () => undefined)));
    expect(starts.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await two.close();
    await one.close();
  });

  test("only this user can look into the folder, and nothing but data is left in it", async () => {
    expect((await readdir(folder)).toSorted()).toEqual(["db", "holder.json", "lock.db"]);
    expect((await stat(folder)).mode & 0o077).toBe(0);
  });

  test("the socket of a folder with a long path lies elsewhere, and works", async () => {
    const long = join(folder, "x".repeat(120));
    const [path, other] = [socketPath(long), socketPath(`${long}y`)];
    expect(path).not.toBe(other);
    const storage = await openAt(url, "prod");
    const server = await serveStorage(path, Promise.resolve(storage));
    const client = await connectLocal(path, "test");
    await client.journal.append("experiment/long", 0, [event], at);
    expect(await storage.journal.read("experiment/long")).toHaveLength(1);
    client.close();
    await server.close();
    await storage.close();
  });

  test.each([
    { name: "a file where the folder should be", path: "file", prepare: (path: string) => writeFile(path, "") },
    {
      name: "files that are no database",
      path: "broken",
      prepare: async (path: string) => {
        await mkdir(join(path, "db"), { recursive: true });
        await writeFile(join(path, "db", "PG_VERSION"), "18\n");
      },
    },
  ])("refuses $name, and lets go of the lock", async ({ path, prepare }) => {
    await prepare(join(folder, path));
    for (let i = 0; i < 2; i += 1) {
      await expect(openAt(`embedded:${join(folder, path)}`, "prod")).rejects.toMatchObject({
        code: "storage-unavailable",
        retryable: false,
        hint: expect.any(String),
      });
    }
  });

  test.each(["embedded:", "redis://", "redis:///0", "postgres:", "mysql://root:hunter2@db/x", "./data", ""])(
    "the URL %j is refused with what was expected",
    async (wrong) => {
      const error: unknown = await openAt(wrong, "prod").catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: "config-invalid", hint: expect.stringContaining("embedded:./folder") });
      expect(String(error)).not.toContain("hunter2");
    },
  );

  test("the log is cut while the process runs: nobody else does it", PATIENT, async () => {
    const database = await openPglite(join(folder, "db"), true);
    const failures: unknown[] = [];
    const afterEach = upkeep(database, (cause) => failures.push(cause));
    await database.exec("CREATE TABLE filler (text text); ALTER TABLE filler ALTER text SET STORAGE EXTERNAL");
    const longest: number[] = [];
    for (let i = 0; i < 400; i += 1) {
      await database.query("INSERT INTO filler VALUES ($1)", ["x".repeat(90_000)]);
      afterEach();
      if (i % 100 === 99) longest.push(await logBytes(database));
    }
    await database.close();
    expect(failures).toEqual([]);
    // 36 MB were written
    expect(Math.max(...longest)).toBeLessThan(24 * 1024 * 1024);
  });
});
