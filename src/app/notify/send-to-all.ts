import { AftershockError, describeError, hasCode } from "../../core/model/error.ts";
import type { Log } from "../../ports/log.ts";
import type { Delivery, Notifier } from "../../ports/notifier.ts";

/** One way out, and its name in the log. */
export interface Way {
  readonly name: string;
  readonly notifier: Notifier;
}

/** So many messages are remembered that some ways have not taken yet. */
const REMEMBERED = 1_000;

/**
 * One notifier out of several. A message that some have taken and others may take later is retried
 * with those alone; one that cannot take it is logged, and holds nobody up.
 */
export function sendToAll(ways: readonly Way[], log: Log): Notifier {
  const taken = new Map<string, Map<string, Delivery | "never">>();
  return {
    async send(notice, signal) {
      const before = taken.get(notice.key) ?? new Map<string, Delivery | "never">();
      const due = ways.filter(({ name }) => !before.has(name));
      const ends = await Promise.allSettled(due.map(({ notifier }) => notifier.send(notice, signal)));
      signal.throwIfAborted();
      const later: AftershockError[] = [];
      for (const [i, end] of ends.entries()) {
        const { name = "" } = due[i] ?? {};
        if (end.status === "fulfilled") before.set(name, end.value);
        else if (hasCode(end.reason, "notify-failed") && end.reason.retryable) later.push(end.reason);
        else {
          before.set(name, "never");
          log.error("one way out did not take a message", {
            way: name,
            notice: notice.key,
            why: describeError(end.reason),
          });
        }
      }
      const delivered = [...before.values()].filter((one) => one !== "never");
      if (later.length > 0) {
        remember(taken, notice.key, before);
        throw again(later, delivered.length > 0);
      }
      taken.delete(notice.key);
      if (delivered.length === 0) throw new AftershockError("notify-failed", "no way out took the message");
      return (["sent", "maybe"] as const).find((one) => delivered.includes(one)) ?? "held";
    },
    digests: ways.flatMap(({ notifier }) => notifier.digests ?? []),
    async repeat(notice, signal) {
      const ends = await Promise.allSettled(ways.map(({ notifier }) => notifier.repeat?.(notice, signal)));
      const failed = ends.find((end) => end.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    },
  };
}

/** What is said of a message that some ways have not taken yet. */
function again(later: readonly AftershockError[], partly: boolean): AftershockError {
  const waits = later.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  return new AftershockError("notify-failed", later.map(({ message }) => message).join("; "), {
    retryable: true,
    partly,
    ...(waits.length === 0 ? {} : { retryAfterMs: Math.max(...waits) }),
  });
}

function remember<T>(all: Map<string, T>, key: string, value: T): void {
  all.delete(key);
  all.set(key, value);
  for (const oldest of all.keys()) {
    if (all.size <= REMEMBERED) break;
    all.delete(oldest);
  }
}
