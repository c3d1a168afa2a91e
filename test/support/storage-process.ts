/**
 * A process that uses a storage and may be killed: `node storage-process.ts TASK URL CLUSTER`.
 * Prints a line for each thing that is done.
 */

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFile, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../src/core/model/error.ts";
import { openAt } from "./storage.ts";

const [task = "", url = "", cluster = ""] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const at = { atMs: 1, indexMs: 1, open: true };

async function append(times: number): Promise<void> {
  const storage = await openAt(url, cluster);
  for (let seq = 0; seq < times; seq += 1) {
    await storage.journal.append("experiment/killed", seq, [{ kind: "missed", why: `entry ${seq + 1}` }], at);
    say(String(seq + 1));
  }
  await storage.close();
}

const TASKS: Readonly<Record<string, () => Promise<void>>> = {
  /** Appends until it is killed, and says each sequence number once it was acknowledged. */
  append: () => append(Infinity),
  "append some": () => append(50),
  /** Takes a job and never ends it. */
  async hang() {
    const { queue } = await openAt(url, cluster);
    await queue.start(async (key) => {
      say(key);
      await once(process, "never");
    });
    setInterval(() => undefined, 60_000);
    say("started");
  },
  /** Holds the storage until it is told to end. */
  async hold() {
    const storage = await openAt(url, cluster);
    const alive = setInterval(() => undefined, 60_000);
    say("open");
    await once(process, "SIGTERM");
    clearInterval(alive);
    await storage.close();
    say("closed");
  },
  /** Fills the disk of an embedded store, and empties it again. */
  async fill() {
    const folder = url.slice("embedded:".length);
    const ballast = join(folder, "ballast");
    const entries = async ({ journal }: Awaited<ReturnType<typeof openAt>>) =>
      (await journal.read("experiment/a")).map(({ event }) => (event.kind === "missed" ? event.why : ""));
    const refused = async (what: string, work: Promise<unknown>): Promise<void> => {
      const cause: unknown = await work.then(() => "nothing was refused").catch((error: unknown) => error);
      say(`${what}: ${hasCode(cause, "storage-full") && cause.retryable ? "storage-full, retryable" : String(cause)}`);
    };
    const storage = await openAt(url, cluster);
    const acknowledged: string[] = [];
    const append = async (why: string): Promise<void> => {
      await storage.journal.append("experiment/a", acknowledged.length, [{ kind: "missed", why }], at);
      acknowledged.push(why);
    };
    await append("first");
    await fillUp(folder, ballast);
    const noise = (): string => randomBytes(100_000).toString("base64");
    const overflow = async (): Promise<void> => {
      for (;;) await append(noise());
    };
    await refused("append", overflow());
    await refused("save", storage.cache.save("k", randomBytes(5_000_000)));
    await refused("open another", openAt(`${url}/another`, cluster));
    const same = async (opened: Awaited<ReturnType<typeof openAt>>): Promise<string> =>
      JSON.stringify(await entries(opened)) === JSON.stringify(acknowledged) ? "all is there" : "something is lost";
    say(`while it is full: ${await same(storage)}`);
    await rm(ballast);
    await append("last");
    const handled = Promise.withResolvers<void>();
    await storage.queue.start(async () => handled.resolve());
    await storage.queue.wake("k", 1);
    await handled.promise;
    say("appended, wake-up handled");
    await storage.close();
    const last = await openAt(url, cluster);
    say(`after a restart: ${await same(last)}`);
    await last.close();
    say("done");
  },
  /** Uses everything, closes, and has nothing left that would keep the process alive. */
  async use() {
    const storage = await openAt(url, cluster);
    await storage.journal.append("experiment/used", 0, [{ kind: "missed", why: "once" }], at);
    await storage.cache.save("used", new Uint8Array([1]));
    const handled = Promise.withResolvers<void>();
    await storage.queue.start(async () => handled.resolve());
    await storage.queue.wake("used", 1);
    await handled.promise;
    await storage.queue.wake("later", Date.now() + 3_600_000);
    await storage.close();
    say("closed");
  },
};

/** Leaves no byte of the disk of `folder`. */
async function fillUp(folder: string, ballast: string): Promise<void> {
  for (;;) {
    const { bavail, bsize } = await statfs(folder);
    if (bavail === 0) return;
    await appendFile(ballast, new Uint8Array(bavail * bsize)).catch(() => undefined);
  }
}

await TASKS[task]?.();
