/** A process that uses a storage and may be killed: `node storage-process.ts TASK URL CLUSTER`. Prints a line for each thing that is done. */
import { once } from "node:events";
import { rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../src/core/model/error.ts";
import { openAt } from "./storage.ts";

const [task = "", url = "", cluster = ""] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const at = { atMs: 1, indexMs: 1, open: true };

const TASKS: Readonly<Record<string, () => Promise<void>>> = {
  /** Appends for ever, and says each sequence number once it was acknowledged. */
  async append() {
    const { journal } = await openAt(url, cluster);
    for (let seq = 0; ; seq += 1) {
      await journal.append("experiment/killed", seq, [{ kind: "missed", why: `entry ${seq + 1}` }], at);
      say(String(seq + 1));
    }
  },
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
    const storage = await openAt(url, cluster, { command: "worker" });
    say("open");
    await once(process, "SIGTERM");
    await storage.close();
    say("closed");
  },
  /** Fills the disk of an embedded store, and empties it again. */
  async fill() {
    const folder = url.slice("embedded:".length);
    const ballast = join(folder, "ballast");
    const event = { kind: "missed", why: "x" } as const;
    const refused = async (what: string, work: Promise<unknown>): Promise<void> => {
      const cause: unknown = await work.then(() => "nothing was refused").catch((error: unknown) => error);
      say(`${what}: ${hasCode(cause, "storage-full") && cause.retryable ? "storage-full, retryable" : String(cause)}`);
    };
    const storage = await openAt(url, cluster);
    await storage.journal.append("experiment/a", 0, [event, event, event], at);
    const disk = await statfs(folder);
    await writeFile(ballast, new Uint8Array(disk.bavail * disk.bsize - 1024 * 1024));
    await refused("append", storage.journal.append("experiment/a", 3, [event], at));
    await refused("wake", storage.queue.wake("k", 1));
    await refused("save", storage.cache.save("k", new Uint8Array(1)));
    say(`read ${(await storage.journal.read("experiment/a")).length} entries`);
    await storage.close();
    await refused("open", openAt(url, cluster));
    await rm(ballast);
    const again = await openAt(url, cluster);
    await again.journal.append("experiment/a", 3, [event], at);
    const handled = Promise.withResolvers<void>();
    await again.queue.start(async () => handled.resolve());
    await again.queue.wake("k", 1);
    await handled.promise;
    say("appended, wake-up handled");
    await again.close();
    const last = await openAt(url, cluster);
    say(`read ${(await last.journal.read("experiment/a")).length} entries after a restart`);
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

await TASKS[task]?.();
