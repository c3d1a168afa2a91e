import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exportJournal, importJournal } from "../../../src/app/records/transfer-journal.ts";
import type { JournalEvent } from "../../../src/core/model/journal.ts";
import type { Storage } from "../../../src/main/storage/opened-storage.ts";
import { embeddedFolder } from "../../support/embedded.ts";
import { describeWith } from "../../support/requires.ts";
import { type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { openAt } from "../../support/storage.ts";

const why = (text: string): JournalEvent => ({ kind: "missed", why: text });

async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

async function collect(journal: Storage["journal"]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of exportJournal(journal)) lines.push(line);
  return lines;
}

describeWith("redis-server", "a journal that moves from the embedded store to Redis", () => {
  let folder: string;
  let server: RedisServer;
  let from: Storage;
  let lines: string[];
  beforeAll(async () => {
    folder = await embeddedFolder();
    server = await startRedis();
    from = await openAt(`embedded:${folder}`, "prod");
    const { journal } = from;
    await journal.append("experiment/a", 0, [why("1"), why("2")], { atMs: 10, indexMs: 7, open: true });
    await journal.append("experiment/a", 2, [why("3\n\u0000ü")], { atMs: 20, indexMs: 7, open: false });
    await journal.append("experiment/b", 0, [why("x")], { atMs: 30, indexMs: 5, open: true });
    await journal.append("finding/f", 0, [why("x")], { atMs: 30, indexMs: -5, open: true });
    lines = await collect(journal);
  });
  afterAll(async () => {
    await from?.close();
    await server?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  async function into<T>(cluster: string, work: (to: Storage) => Promise<T>): Promise<T> {
    const to = await openAt(server.url, cluster);
    try {
      return await work(to);
    } finally {
      await to.close();
    }
  }

  test("is a header and a line for each stream", () => {
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe('{"format":"aftershock-journal","version":1}');
    expect(lines.every((line) => !line.includes("\n"))).toBe(true);
  });

  test("arrives whole, with times, places and what is open; twice changes nothing", () =>
    into("whole", async (to) => {
      expect(await importJournal(to.journal, linesOf(lines))).toEqual({ streams: 3, entries: 5 });
      expect(await importJournal(to.journal, linesOf(lines))).toEqual({ streams: 3, entries: 0 });
      expect(await collect(to.journal)).toEqual(lines);
      expect(await to.journal.read("experiment/a")).toEqual(await from.journal.read("experiment/a"));
      expect(await to.journal.listOpen("experiment")).toEqual(["experiment/b"]);
      expect(await to.journal.list("experiment", 0, 10)).toEqual(["experiment/b", "experiment/a"]);
    }));

  test("an import that was cut off goes on where it stopped", () =>
    into("cut off", async (to) => {
      await to.journal.append("experiment/a", 0, [why("1"), why("2")], { atMs: 10, indexMs: 7, open: true });
      expect(await importJournal(to.journal, linesOf(lines))).toEqual({ streams: 3, entries: 3 });
      expect(await collect(to.journal)).toEqual(lines);
    }));

  test("a stream with other entries is not touched", () =>
    into("other", async (to) => {
      await to.journal.append("experiment/a", 0, [why("else")], { atMs: 10, indexMs: 7, open: true });
      await expect(importJournal(to.journal, linesOf(lines))).rejects.toMatchObject({ code: "journal-conflict" });
      expect(await to.journal.read("experiment/a")).toHaveLength(1);
    }));

  test.each([
    { name: "nothing", damaged: () => [], line: "line 1 " },
    { name: "another file", damaged: () => ["hello"], line: "line 1 " },
    { name: "a newer version", damaged: () => ['{"format":"aftershock-journal","version":2}'], line: "line 1 " },
    {
      name: "a line that was cut",
      damaged: () => [lines[0] ?? "", "", (lines[1] ?? "").slice(0, 40)],
      line: "line 3 ",
    },
    {
      name: "a gap in a stream",
      damaged: () => [lines[0] ?? "", (lines[2] ?? "").replace('"seq":2', '"seq":3')],
      line: "line 2 ",
    },
  ])("refuses $name, and says which line", ({ damaged, line }) =>
    into("damaged", async (to) => {
      await expect(importJournal(to.journal, linesOf(damaged()))).rejects.toMatchObject({
        code: "usage",
        message: expect.stringContaining(line),
      });
      expect(await to.journal.heads("experiment")).toEqual([]);
    }),
  );
});
