import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { hasWalResetBug } from "../../../src/adapters/storage/sqlite/connection.ts";
import { openRemote } from "../../../src/adapters/storage/sqlite/remote.ts";
import { exportJournal, importJournal } from "../../../src/app/records/transfer-journal.ts";
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

  test("several processes that open a new folder at the same moment share it, and lose nothing", PATIENT, async () => {
    const shared = `embedded:${join(folder, "shared")}`;
    const writers = Array.from({ length: 4 }, (_, i) => runProcess("append", shared, `writer-${i}`));
    const acknowledged = await Promise.all(
      writers.map(async (writer) => {
        let last = 0;
        while (last < 100) last = Number(await writer.line());
        writer.kill("SIGKILL");
        await writer.ended;
        return last;
      }),
    );
    for (const [i, least] of acknowledged.entries()) {
      const storage = await openAt(shared, `writer-${i}`);
      const entries = await storage.journal.read("experiment/killed");
      expect(entries.length).toBeGreaterThanOrEqual(least);
      expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, n) => n + 1));
      await storage.close();
    }
  });

  test("a command beside a running worker reads and writes the same journal and cache", PATIENT, async () => {
    const worker = runProcess("hold", url, "prod");
    expect(await worker.line()).toBe("open");
    const beside = await openAt(url, "prod");
    await beside.journal.append("experiment/beside", 0, [event, event], at);
    await beside.cache.save("beside", new Uint8Array([1]));
    worker.kill("SIGTERM");
    expect(await worker.line()).toBe("closed");
    expect(await worker.ended).toBe(0);
    expect(await beside.journal.read("experiment/beside")).toHaveLength(2);
    await beside.close();
  });

  test(
    "of two workers on one folder each wake-up is one's, and the other takes over when that one dies",
    PATIENT,
    async () => {
      const asked = await openAt(url, "two");
      await asked.queue.wake("once", 1);
      const first = runProcess("hang", url, "two");
      expect([await first.line(), await first.line()].toSorted()).toEqual(["once", "started"]);
      const keys: string[] = [];
      await asked.queue.start(async (key) => void keys.push(key));
      await asked.queue.wake("other", 1);
      await vi.waitFor(() => expect(keys).toContain("other"), { timeout: 10_000 });
      expect(keys).toEqual(["other"]);
      first.kill("SIGKILL");
      await vi.waitFor(() => expect(keys).toEqual(["other", "once"]), { timeout: 10_000 });
      await asked.close();
    },
  );

  test("what is taken for longer than a claim lasts stays taken while its process lives", PATIENT, async () => {
    const one = await openAt(url, "long");
    const two = await openAt(url, "long");
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const keys: string[] = [];
    await one.queue.wake("long", 1);
    await one.queue.start(async () => {
      begun.resolve();
      await end.promise;
    });
    await begun.promise;
    await two.queue.start(async (key) => void keys.push(key));
    // claims last 400 ms in tests: the other has looked several times when this one comes
    await two.queue.wake("later", Date.now() + 1_500);
    await vi.waitFor(() => expect(keys).toContain("later"), { timeout: 10_000 });
    expect(keys).toEqual(["later"]);
    end.resolve();
    await one.close();
    await two.close();
  });

  test("a commit that waits for another process does not stop the event loop, and is done when it may", async () => {
    const storage = await openAt(url, "waits");
    const other = new DatabaseSync(join(folder, "aftershock.db"));
    other.exec("BEGIN IMMEDIATE");
    const append = storage.journal.append("experiment/waits", 0, [event], at);
    const early = await Promise.race([
      append.then(() => "appended"),
      new Promise((go) => setTimeout(go, 300, "turning")),
    ]);
    expect(early).toBe("turning");
    other.exec("COMMIT");
    other.close();
    await append;
    expect(await storage.journal.read("experiment/waits")).toHaveLength(1);
    await storage.close();
  });

  test("a call that gets no answer is an error in time, and what was asked is found when it was done", async () => {
    const file = join(folder, "aftershock.db");
    const store = await openRemote(folder, { file, cluster: "hangs", durable: false }, 300);
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    await expect(store.call("save", "a", new Uint8Array(1))).rejects.toMatchObject({
      code: "storage-unavailable",
      retryable: true,
      message: expect.stringContaining("no answer within 0.3 s"),
    });
    other.exec("COMMIT");
    other.close();
    await vi.waitFor(async () => expect(await store.call("load", "a")).toHaveLength(1), { timeout: 15_000 });
    await store.close();
  });

  test("calls that share a commit fail and succeed each for itself", async () => {
    const storage = await openAt(url, "shared commit");
    const results = await Promise.allSettled([
      storage.journal.append("experiment/good", 0, [event], at),
      storage.journal.append("experiment/unborn", 3, [event], at),
      storage.cache.save("broken", "no bytes" as unknown as Uint8Array),
      storage.journal.append("experiment/good too", 0, [event, event], at),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    expect(await storage.journal.list("experiment", 0, 9)).toEqual(["experiment/good", "experiment/good too"]);
    expect(await storage.journal.read("experiment/good too")).toHaveLength(2);
    await storage.close();
  });

  test("what is asked for before it is closed is done, what is asked for afterwards is refused", async () => {
    const storage = await openAt(url, "closing");
    const appends = Array.from({ length: 50 }, (_, i) => storage.journal.append(`finding/${i}`, 0, [event], at));
    await Promise.all([...appends, storage.close()]);
    await expect(storage.journal.read("finding/0")).rejects.toMatchObject({ code: "storage-unavailable" });
    await storage.close();
    const again = await openAt(url, "closing");
    expect(await again.journal.list("finding", 0, 9)).toHaveLength(50);
    await again.close();
  });

  test("only this user can look into the folder and its files", async () => {
    const mine = join(folder, "mine");
    const storage = await openAt(`embedded:${mine}`, "prod");
    await storage.journal.append("experiment/mine", 0, [event], at);
    expect((await readdir(mine)).toSorted()).toEqual(["aftershock.db", "aftershock.db-shm", "aftershock.db-wal"]);
    for (const path of [mine, ...(await readdir(mine)).map((name) => join(mine, name))])
      expect((await stat(path)).mode & 0o077).toBe(0);
    await storage.close();
    expect(await readdir(mine)).toEqual(["aftershock.db"]);
  });

  test.each([
    {
      name: "a file where the folder should be",
      path: "file",
      prepare: (path: string) => writeFile(path, ""),
      hint: "may write",
    },
    {
      name: "a file that is no database",
      path: "broken",
      prepare: async (path: string) => {
        await mkdir(path);
        await writeFile(join(path, "aftershock.db"), "not a database ".repeat(1_000));
      },
      hint: "restore it from a copy",
    },
    {
      name: "a database of a newer version",
      path: "newer",
      prepare: async (path: string) => {
        await mkdir(path);
        const database = new DatabaseSync(join(path, "aftershock.db"));
        database.exec("PRAGMA user_version = 1000");
        database.close();
      },
      hint: "newest Aftershock",
    },
  ])("refuses $name with what to do", async ({ path, prepare, hint }) => {
    await prepare(join(folder, path));
    for (let i = 0; i < 2; i += 1) {
      await expect(openAt(`embedded:${join(folder, path)}`, "prod")).rejects.toMatchObject({
        code: "storage-unavailable",
        retryable: false,
        hint: expect.stringContaining(hint),
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
});

describe("a folder that an older version wrote with PGlite", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await embeddedFolder();
    await mkdir(join(folder, "db"));
    await writeFile(join(folder, "db", "PG_VERSION"), "18\n");
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("is refused with how to move its journal, and nothing in it is touched", async () => {
    await expect(openAt(`embedded:${folder}`, "demo")).rejects.toMatchObject({
      code: "storage-unavailable",
      retryable: false,
      message: expect.stringContaining("PGlite"),
      hint: expect.stringMatching(/version before.*journal export.*move.*away.*journal import/),
    });
    expect(await readdir(folder)).toEqual(["db"]);
    expect(await readFile(join(folder, "db", "PG_VERSION"), "utf8")).toBe("18\n");
  });

  test("its export arrives whole in the new store", async () => {
    const file = new URL("../../../fixtures/journal/written-on-pglite.jsonl", import.meta.url);
    const storage = await openAt(`embedded:${join(folder, "new")}`, "demo");
    await importJournal(storage.journal, createInterface({ input: createReadStream(file) }));
    const lines: string[] = [];
    for await (const line of exportJournal(storage.journal)) lines.push(line);
    expect(`${lines.join("\n")}\n`).toBe(await readFile(file, "utf8"));
    await storage.close();
  });
});

test.each([
  { version: "3.53.4", bug: false },
  { version: "3.51.3", bug: false },
  { version: "3.51.2", bug: true },
  { version: "3.50.7", bug: false },
  { version: "3.50.4", bug: true },
  { version: "3.44.6", bug: false },
  { version: "3.49.2", bug: true },
])("SQLite $version has the bug of the log that begins anew: $bug", ({ version, bug }) =>
  expect(hasWalResetBug(version)).toBe(bug),
);
