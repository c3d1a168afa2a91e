import { describeError } from "../../core/model/error.ts";
import type { Log } from "../../ports/log.ts";

/** While an outage lasts, every attempt fails alike: a line this often is enough. */
const REMIND_MS = 60_000;

/** Tells of an outage once, then now and then, and when it is over. */
export function outages(log: Log, where: string): { error(cause: unknown): void; well(): void } {
  let toldAtMs: number | null = null;
  let unseen = 0;
  return {
    error(cause) {
      const nowMs = performance.now();
      if (toldAtMs !== null && nowMs - toldAtMs < REMIND_MS) {
        unseen += 1;
        return;
      }
      log.warn("queue does not answer, trying on", { where, why: describeError(cause), since: unseen });
      toldAtMs = nowMs;
      unseen = 0;
    },
    well() {
      if (toldAtMs === null) return;
      log.info("queue answers again", { where });
      toldAtMs = null;
      unseen = 0;
    },
  };
}
