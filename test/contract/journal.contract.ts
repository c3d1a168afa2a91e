import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JournalEvent } from "../../src/core/model/journal.ts";
import type { Storage } from "../../src/main/storage/opened-storage.ts";
import { openAt, runProcess } from "../support/storage.ts";

/** A backend under test: a server that runs, or a folder. */
export interface Subject extends AsyncDisposable {
  readonly url: string;
}

const why = (text: string): JournalEvent => ({ kind: "missed", why: text });
/**
 * For tests that start processes or do a thing thousands of times: long enough for a machine that
 * is busy with something else.
 */
const PATIENT = { timeout: 90_000 };
const options = { atMs: 1_772_787_600_000, indexMs: 5, open: true };

/** What every journal and cache does, whatever it is made of. */
export function journalContract(name: string, begin: () => Promise<Subject>, streams = 10_000): void {
  describe(`the journal on ${name}`, () => {
    let subject: Subject;
    let storage: Storage;
    beforeAll(async () => {
      subject = await begin();
      storage = await openAt(subject.url, "contract");
    });
    afterAll(async () => {
      await storage?.close();
      await subject?.[Symbol.asyncDispose]();
    });

    test("gives back what was appended, in order, with sequence numbers from 1", async () => {
      const stream = "experiment/order";
      await storage.journal.append(stream, 0, [why("a"), why("b")], options);
      await storage.journal.append(stream, 2, [why("c")], { ...options, atMs: options.atMs + 1 });
      expect(await storage.journal.read(stream)).toEqual([
        { stream, seq: 1, atMs: options.atMs, event: why("a") },
        { stream, seq: 2, atMs: options.atMs, event: why("b") },
        { stream, seq: 3, atMs: options.atMs + 1, event: why("c") },
      ]);
    });

    test("a stream that does not exist is empty", async () => {
      expect(await storage.journal.read("experiment/nowhere")).toEqual([]);
    });

    test.each([
      { name: "before the end", afterSeq: 1 },
      { name: "at the beginning", afterSeq: 0 },
      { name: "beyond the end", afterSeq: 3 },
    ])("an append $name is a conflict, and adds nothing", async ({ name: at, afterSeq }) => {
      const stream = `experiment/conflict ${at}`;
      await storage.journal.append(stream, 0, [why("a"), why("b")], options);
      await expect(storage.journal.append(stream, afterSeq, [why("x")], options)).rejects.toMatchObject({
        code: "journal-conflict",
        retryable: false,
      });
      expect(await storage.journal.read(stream)).toHaveLength(2);
    });

    test("an append after the end of a stream that does not exist is a conflict", async () => {
      const append = storage.journal.append("experiment/unborn", 1, [why("x")], options);
      await expect(append).rejects.toMatchObject({ code: "journal-conflict" });
      expect(await storage.journal.list("experiment", 0, 10)).not.toContain("experiment/unborn");
    });

    test("who tries an append again that had arrived gets a conflict, and finds it by reading", async () => {
      const stream = "experiment/retried";
      await storage.journal.append(stream, 0, [why("once")], options);
      await expect(storage.journal.append(stream, 0, [why("once")], options)).rejects.toMatchObject({
        code: "journal-conflict",
      });
      expect((await storage.journal.read(stream)).map(({ event }) => event)).toEqual([why("once")]);
    });

    test.each([0, 1])("of many that append after entry %i at once exactly one wins", async (afterSeq) => {
      const stream = `experiment/race after ${afterSeq}`;
      if (afterSeq > 0) await storage.journal.append(stream, 0, [why("first")], options);
      const racers = Array.from({ length: 20 }, (_, i) =>
        storage.journal.append(stream, afterSeq, [why(`racer ${i}`), why(`racer ${i} again`)], options),
      );
      const results = await Promise.allSettled(racers);
      const winner = results.findIndex(({ status }) => status === "fulfilled");
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const result of results) {
        if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "journal-conflict" });
      }
      const entries = (await storage.journal.read(stream)).slice(afterSeq);
      expect(entries.map(({ event }) => event)).toEqual([why(`racer ${winner}`), why(`racer ${winner} again`)]);
    });

    test("a stream may have any letters in its name", async () => {
      const stream = "finding/größe 測定 🧨 a:b{c}*'\"%$1";
      await storage.journal.append(stream, 0, [why("x")], options);
      expect(await storage.journal.list("finding", 0, 10)).toContain(stream);
      expect(await storage.journal.read(stream)).toMatchObject([{ stream, seq: 1 }]);
    });

    test.each([
      { name: "letters of all kinds", text: "Größe 測定 🧨 \u202E" },
      { name: "characters that databases refuse", text: "\u0000 \\u0000 ' \" $1 %s \uD800" },
      { name: "a megabyte", text: "ä🧨".repeat(180_000) },
      { name: "numbers at their limits", text: String(Number.MAX_VALUE) },
    ])("keeps $name", async ({ name: stream, text }) => {
      const event: JournalEvent = { kind: "injected", t0Ms: 0.1 + 0.2 };
      await storage.journal.append(`finding/${stream}`, 0, [why(text), event], options);
      const entries = await storage.journal.read(`finding/${stream}`);
      expect(entries.map((entry) => entry.event)).toEqual([why(text), event]);
    });

    test.each([
      { name: "no events", stream: "experiment/x", afterSeq: 0, events: [], atMs: 1 },
      { name: "a stream of no kind", stream: "elsewhere/x", afterSeq: 0, events: [why("x")], atMs: 1 },
      { name: "a kind without a name", stream: "experiment/", afterSeq: 0, events: [why("x")], atMs: 1 },
      {
        name: "a name with a control character",
        stream: "experiment/x\u0000",
        afterSeq: 0,
        events: [why("x")],
        atMs: 1,
      },
      { name: "a time that is not whole", stream: "experiment/x", afterSeq: 0, events: [why("x")], atMs: 1.5 },
      { name: "a negative place", stream: "experiment/x", afterSeq: -1, events: [why("x")], atMs: 1 },
    ])("refuses $name", async ({ stream, afterSeq, events, atMs }) => {
      const append = storage.journal.append(stream, afterSeq, events, { ...options, atMs });
      await expect(append).rejects.toThrow(RangeError);
      expect(await storage.journal.read("experiment/x")).toEqual([]);
    });

    describe("with streams of several kinds", () => {
      const at = (indexMs: number, open: boolean) => ({ atMs: 1, indexMs, open });
      let listed: Storage;
      beforeAll(async () => {
        await storage.close();
        listed = await openAt(subject.url, "listing");
        await listed.journal.append("experiment/b", 0, [why("x")], at(2_000, true));
        await listed.journal.append("experiment/a", 0, [why("x")], at(2_000, true));
        await listed.journal.append("experiment/Z", 0, [why("x")], at(2_000, true));
        await listed.journal.append("experiment/late", 0, [why("x")], at(3_000, false));
        await listed.journal.append("experiment/early", 0, [why("x")], at(-1_000, true));
        await listed.journal.append("operations/a", 0, [why("x")], at(2_000, true));
      });
      afterAll(async () => {
        await listed?.close();
        storage = await openAt(subject.url, "contract");
      });

      test.each([
        { name: "a window: its beginning is in it, its end is not", from: 2_000, to: 3_000, found: ["Z", "a", "b"] },
        { name: "everything", from: -Infinity, to: Infinity, found: ["early", "Z", "a", "b", "late"] },
        { name: "bounds between milliseconds", from: 2_000.5, to: 3_000.5, found: ["late"] },
        { name: "an empty window", from: 2_000, to: 2_000, found: [] },
      ])("lists $name", async ({ from, to, found }) => {
        expect(await listed.journal.list("experiment", from, to)).toEqual(found.map((id) => `experiment/${id}`));
      });

      test("lists what is open, by index", async () => {
        const ids = ["early", "Z", "a", "b"].map((id) => `experiment/${id}`);
        expect(await listed.journal.listOpen("experiment")).toEqual(ids);
        expect(await listed.journal.listOpen("operations")).toEqual(["operations/a"]);
        expect(await listed.journal.listOpen("finding")).toEqual([]);
      });

      test("the heads of streams say where each sorts and whether it is open", async () => {
        expect(await listed.journal.heads("experiment")).toEqual([
          { stream: "experiment/early", indexMs: -1_000, open: true },
          { stream: "experiment/Z", indexMs: 2_000, open: true },
          { stream: "experiment/a", indexMs: 2_000, open: true },
          { stream: "experiment/b", indexMs: 2_000, open: true },
          { stream: "experiment/late", indexMs: 3_000, open: false },
        ]);
      });

      test("the first append fixes the index; the last one says whether it is open", async () => {
        await listed.journal.append("experiment/b", 1, [why("y")], at(9_000, false));
        expect(await listed.journal.listOpen("experiment")).not.toContain("experiment/b");
        expect(await listed.journal.list("experiment", 2_000, 3_000)).toContain("experiment/b");
        await listed.journal.append("experiment/b", 2, [why("z")], at(9_000, true));
        expect((await listed.journal.listOpen("experiment")).slice(-2)).toEqual(["experiment/a", "experiment/b"]);
      });

      test("another cluster in the same storage sees nothing of it", async () => {
        await listed.close();
        const other = await openAt(subject.url, "another:{cluster}");
        expect(await other.journal.list("experiment", -Infinity, Infinity)).toEqual([]);
        expect(await other.journal.read("experiment/a")).toEqual([]);
        await other.close();
        listed = await openAt(subject.url, "listing");
      });
    });

    test(`lists ${streams} streams`, PATIENT, async () => {
      const names = Array.from({ length: streams }, (_, i) => `operations/${String(i).padStart(5, "0")}`);
      for (let from = 0; from < names.length; from += 250) {
        const chunk = names.slice(from, from + 250);
        await Promise.all(
          chunk.map((stream, i) =>
            storage.journal.append(stream, 0, [why("x")], { atMs: 1, indexMs: from + i, open: i === 0 }),
          ),
        );
      }
      expect(await storage.journal.list("operations", 0, Infinity)).toEqual(names);
      expect(await storage.journal.list("operations", streams - 9, streams - 7)).toEqual(names.slice(-9, -7));
      expect(await storage.journal.listOpen("operations")).toHaveLength(streams / 250);
    });

    test("the cache keeps bytes by name until they are replaced or removed", async () => {
      const { cache } = storage;
      const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 256);
      await cache.save("history/ä", bytes);
      await cache.save("history/b", new Uint8Array());
      await cache.save("other", bytes.subarray(10, 12));
      expect(await cache.load("history/ä")).toEqual(bytes);
      expect(await cache.load("history/b")).toEqual(new Uint8Array());
      expect(await cache.load("other")).toEqual(new Uint8Array([10, 11]));
      expect(await cache.names("history/")).toEqual(["history/b", "history/ä"]);
      await cache.save("other", new Uint8Array([1]));
      expect(await cache.load("other")).toEqual(new Uint8Array([1]));
      await cache.remove("other");
      await cache.remove("never was there");
      expect(await cache.load("other")).toBeNull();
      expect(await cache.names("")).toEqual(["history/b", "history/ä"]);
    });

    describe("retention", () => {
      const long = why("x".repeat(50_000));
      const closed = { ...options, open: false };

      test("puts a shorter event in the place of a long one, and leaves number, time and the others alone", async () => {
        const stream = "experiment/rewritten";
        await storage.journal.append(stream, 0, [why("a"), long], options);
        await storage.journal.append(stream, 2, [why("c")], { ...closed, atMs: options.atMs + 1 });
        expect(await storage.journal.rewrite(stream, 2, why("short"))).toBe(true);
        expect(await storage.journal.read(stream)).toEqual([
          { stream, seq: 1, atMs: options.atMs, event: why("a") },
          { stream, seq: 2, atMs: options.atMs, event: why("short") },
          { stream, seq: 3, atMs: options.atMs + 1, event: why("c") },
        ]);
        await storage.journal.append(stream, 3, [why("d")], closed);
        expect(await storage.journal.read(stream)).toHaveLength(4);
      });

      test("changes nothing where there is no such entry", async () => {
        await storage.journal.append("experiment/short", 0, [why("a")], closed);
        expect(await storage.journal.rewrite("experiment/short", 2, why("b"))).toBe(false);
        expect(await storage.journal.rewrite("experiment/never", 1, why("b"))).toBe(false);
        expect(await storage.journal.read("experiment/never")).toEqual([]);
      });

      test("removes a stream with its entries; a new one may take its name", async () => {
        const stream = "finding/removed";
        await storage.journal.append(stream, 0, [why("a"), long], closed);
        expect(await storage.journal.remove(stream)).toBe(true);
        expect(await storage.journal.read(stream)).toEqual([]);
        expect(await storage.journal.list("finding", 0, 10)).not.toContain(stream);
        expect(await storage.journal.remove(stream)).toBe(false);
        await storage.journal.append(stream, 0, [why("again")], closed);
        expect((await storage.journal.read(stream)).map((entry) => entry.seq)).toEqual([1]);
      });

      test("never touches a stream that is open", async () => {
        const stream = "experiment/still open";
        await storage.journal.append(stream, 0, [why("a")], options);
        expect(await storage.journal.rewrite(stream, 1, why("b"))).toBe(false);
        expect(await storage.journal.remove(stream)).toBe(false);
        expect(await storage.journal.read(stream)).toMatchObject([{ event: why("a") }]);
        expect(await storage.journal.listOpen("experiment")).toContain(stream);
      });
    });

    test("a process that is killed while it appends loses nothing that was acknowledged", PATIENT, async () => {
      await storage.close();
      const killed = runProcess("append", subject.url, "killed");
      let acknowledged = 0;
      while (acknowledged < 50) acknowledged = Number(await killed.line());
      killed.kill("SIGKILL");
      expect(await killed.ended).toBe("SIGKILL");
      storage = await openAt(subject.url, "killed");
      const entries = await storage.journal.read("experiment/killed");
      expect(entries.length).toBeGreaterThanOrEqual(acknowledged);
      expect(entries.map(({ event }) => event)).toEqual(entries.map((_, i) => why(`entry ${i + 1}`)));
      await storage.journal.append("experiment/killed", entries.length, [why("goes on")], options);
    });

    test("a process that closes its storage ends by itself: no timer and no socket is left", PATIENT, async () => {
      await storage.close();
      const user = runProcess("use", subject.url, "used");
      expect(await user.line()).toBe("closed");
      expect(await user.ended).toBe(0);
      storage = await openAt(subject.url, "contract");
    });
  });
}
