import { AftershockError } from "../../core/model/error.ts";
import type { Queue } from "../../ports/queue.ts";

/**
 * A queue that is opened when it is first used: a command that runs one experiment, or reads, needs
 * none, and BullMQ with its drivers is half a megabyte of code and two connections. Rejects then as
 * `open` does, and tries again the next time.
 */
export function lateQueue(open: () => Promise<Queue>): Queue {
  let opening: Promise<Queue> | null = null;
  let closed = false;

  async function opened(): Promise<Queue> {
    if (opening === null && closed)
      throw new AftershockError("storage-unavailable", "the queue was closed", { hint: "this process is ending" });
    opening ??= open();
    try {
      return await opening;
    } catch (cause) {
      opening = null;
      throw cause;
    }
  }
  return {
    wake: async (key, atMs) => (await opened()).wake(key, atMs),
    start: async (handler) => (await opened()).start(handler),
    async close(timeoutMs) {
      closed = true;
      const queue = await opening?.catch(() => null);
      await queue?.close(timeoutMs);
    },
  };
}
