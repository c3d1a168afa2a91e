import type { WaitingClock } from "../../adapters/system/waiting-clock.ts";
import type { Queue } from "../../ports/queue.ts";

/** A queue whose clock waits for it: no wake-up comes late, however slow the machine is. */
export const pacedQueue = (queue: Queue, clock: WaitingClock): Queue => ({
  async wake(key, atMs) {
    clock.expect(key, atMs);
    await queue.wake(key, atMs);
  },
  start: (handler) =>
    queue.start((key, signal) => {
      clock.met(key);
      return clock.during(() => handler(key, signal));
    }),
  close: (timeoutMs) => queue.close(timeoutMs),
});
