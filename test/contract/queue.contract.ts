import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Storage } from "../../src/main/storage/opened-storage.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { fastClock, openAt, runProcess } from "../support/storage.ts";
import type { Subject } from "./journal.contract.ts";

export interface QueueSubject extends Subject {
  /**
   * Jobs that the backend keeps of one cluster, handled or not; the storage is closed meanwhile.
   */
  jobs(cluster: string): Promise<number>;
}

/** Collects what a queue delivers. */
function collector(clock: Clock): {
  handler: (key: string) => Promise<void>;
  keys: string[];
  atMs: number[];
  until(count: number): Promise<void>;
} {
  const keys: string[] = [];
  const atMs: number[] = [];
  return {
    keys,
    atMs,
    handler: async (key) => {
      keys.push(key);
      atMs.push(clock.nowMs());
    },
    until: (count) =>
      vi.waitFor(() => expect(keys.length).toBeGreaterThanOrEqual(count), { timeout: 15_000, interval: 10 }),
  };
}

/**
 * What every queue does, whatever it is made of. A clock that runs 1,000 times as fast keeps the
 * tests short.
 */
export function queueContract(name: string, begin: () => Promise<QueueSubject>): void {
  describe(`the queue on ${name}`, () => {
    let subject: QueueSubject;
    const opened: Storage[] = [];
    const open = async (cluster: string, options = {}): Promise<Storage> => {
      for (const storage of opened.splice(0)) await storage.close();
      const storage = await openAt(subject.url, cluster, options);
      opened.push(storage);
      return storage;
    };
    beforeAll(async () => {
      subject = await begin();
    });
    afterAll(async () => {
      for (const storage of opened) await storage.close();
      await subject?.[Symbol.asyncDispose]();
    });

    test("wakes at the asked time of a clock that runs faster, in order, never early", async () => {
      const { clock, speed } = fastClock(1_000);
      const { queue } = await open("times", { clock, speed });
      const woken = collector(clock);
      await queue.start(woken.handler);
      const nowMs = Math.floor(clock.nowMs());
      const asked = [1_200_000, 600_000, 0].map((ms) => ({ key: `in ${ms}`, atMs: nowMs + ms }));
      for (const { key, atMs } of asked) await queue.wake(key, atMs);
      await woken.until(3);
      expect(woken.keys).toEqual(["in 0", "in 600000", "in 1200000"]);
      for (const { key, atMs } of asked) expect(woken.atMs[woken.keys.indexOf(key)]).toBeGreaterThanOrEqual(atMs);
    });

    test("asking again for the same key and time changes nothing; another time is another wake-up", async () => {
      const { clock, speed } = fastClock(1_000);
      const { queue } = await open("twice", { clock, speed });
      const woken = collector(clock);
      const atMs = Math.floor(clock.nowMs()) + 300_000;
      for (let i = 0; i < 3; i += 1) await queue.wake("same", atMs);
      await queue.wake("same", atMs + 1);
      await queue.wake("last", atMs + 300_000);
      await queue.start(woken.handler);
      await woken.until(3);
      expect(woken.keys).toEqual(["same", "same", "last"]);
    });

    test.each(["a:b", "12345", "", "slot/go app 🧨", "x".repeat(300)])("a key may be %j", async (key) => {
      const { clock, speed } = fastClock(1_000);
      const { queue } = await open("keys", { clock, speed });
      const woken = collector(clock);
      await queue.wake(key, 1);
      await queue.start(woken.handler);
      await woken.until(1);
      expect(woken.keys).toEqual([key]);
    });

    test("a wake-up outlives the process that asked for it", async () => {
      const { clock, speed } = fastClock(1_000);
      const before = await open("restart", { clock, speed });
      const atMs = Math.floor(clock.nowMs()) + 500_000;
      await before.queue.wake("kept", atMs);
      const after = await open("restart", { clock, speed });
      const woken = collector(clock);
      await after.queue.start(woken.handler);
      await woken.until(1);
      expect(woken.atMs[0]).toBeGreaterThanOrEqual(atMs);
    });

    test("a handler that fails is asked again, and others meanwhile", async () => {
      const { clock, speed } = fastClock(1_000);
      const { queue } = await open("failing", { clock, speed });
      const woken = collector(clock);
      await queue.wake("fails", 1);
      await queue.wake("works", 1);
      await queue.start(async (key) => {
        await woken.handler(key);
        if (key === "fails" && woken.keys.filter((seen) => seen === key).length < 4) throw { not: "an error" };
      });
      await woken.until(5);
      expect(woken.keys.filter((key) => key === "fails")).toHaveLength(4);
      expect(woken.keys.filter((key) => key === "works")).toHaveLength(1);
    });

    test("one key is handled at a time", async () => {
      const { queue } = await open("serial");
      let running = 0;
      let most = 0;
      const woken = collector({ nowMs: () => 0, monotonicMs: () => 0, realMs: () => 0, sleep: async () => undefined });
      for (let i = 0; i < 10; i += 1) await queue.wake(`k${i}`, 1);
      await queue.start(async (key) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
        await woken.handler(key);
      });
      await woken.until(10);
      expect(most).toBe(1);
    });

    test("what was handled is forgotten: the backend does not fill up, and asking again wakes again", async () => {
      const { clock, speed } = fastClock(1_000);
      const { queue } = await open("retention", { clock, speed });
      const woken = collector(clock);
      await queue.start(woken.handler);
      for (let i = 0; i < 40; i += 1) await queue.wake(`k${i}`, 1);
      await woken.until(40);
      await queue.wake("k0", 1);
      await woken.until(41);
      await queue.close(5_000);
      for (const storage of opened.splice(0)) await storage.close();
      expect(await subject.jobs("retention")).toBe(0);
    });

    test("a handler that runs is waited for when the queue closes", async () => {
      const { queue } = await open("closing");
      const begun = Promise.withResolvers<void>();
      const end = Promise.withResolvers<void>();
      let cut = false;
      await queue.wake("slow", 1);
      await queue.start(async (_, signal) => {
        begun.resolve();
        await end.promise;
        cut = signal.aborted;
      });
      await begun.promise;
      const closed = queue.close(10_000);
      end.resolve();
      await closed;
      expect(cut).toBe(false);
      for (const storage of opened.splice(0)) await storage.close();
      expect(await subject.jobs("closing")).toBe(0);
    });

    test("a handler that takes too long is told, and its key comes again", async () => {
      const { queue } = await open("cut off");
      const begun = Promise.withResolvers<void>();
      await queue.wake("endless", 1);
      await queue.start((_, signal) => {
        begun.resolve();
        return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      });
      await begun.promise;
      await queue.close(0);
      const { clock, speed } = fastClock(1_000);
      const again = await open("cut off", { clock, speed });
      const woken = collector(clock);
      await again.queue.start(woken.handler);
      await woken.until(1);
      expect(woken.keys[0]).toBe("endless");
    });

    test("a job whose process is killed comes again, however often", { timeout: 90_000 }, async () => {
      const asked = await open("killed");
      await asked.queue.wake("deadly", 1);
      await asked.close();
      opened.splice(0);
      for (let round = 0; round < 3; round += 1) {
        const victim = runProcess("hang", subject.url, "killed");
        const lines = [await victim.line(), await victim.line()];
        expect(lines.toSorted()).toEqual(["deadly", "started"]);
        victim.kill("SIGKILL");
        await victim.ended;
      }
      const { queue } = await open("killed");
      const woken = collector({ nowMs: () => 0, monotonicMs: () => 0, realMs: () => 0, sleep: async () => undefined });
      await queue.start(woken.handler);
      await woken.until(1);
      expect(woken.keys).toEqual(["deadly"]);
    });

    test("a queue that was closed refuses", async () => {
      const { queue } = await open("closed");
      await queue.close(0);
      await queue.close(0);
      await expect(queue.wake("x", 1)).rejects.toMatchObject({ code: "storage-unavailable" });
      await expect(queue.start(async () => undefined)).rejects.toMatchObject({ code: "storage-unavailable" });
    });
  });
}
