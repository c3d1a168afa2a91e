/** A process that uses a storage and may be killed: `node storage-process.ts TASK URL CLUSTER`. Prints a line for each thing that is done. */
import { once } from "node:events";
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
