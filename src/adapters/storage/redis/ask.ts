import type { Redis } from "ioredis";
import { redisError } from "./connection.ts";

/** Awaits the answer to a command; rejects in our words. */
export type Ask = <T>(command: Promise<T>) => Promise<T>;

/**
 * Asks on one connection. A command whose connection broke is answered by nobody, and ioredis
 * forgets it when it must not be sent twice: it rejects at once here, instead of after the
 * command's time-out.
 */
export function asking(redis: Redis, where: string): Ask {
  const waiting = new Set<() => void>();
  redis.on("close", () => {
    for (const reject of waiting) reject();
    waiting.clear();
  });
  return (command) =>
    new Promise((resolve, reject) => {
      const lost = (): void => reject(redisError(where, new Error("the connection broke before the answer arrived")));
      waiting.add(lost);
      command.then(resolve, (cause: unknown) => reject(redisError(where, cause))).finally(() => waiting.delete(lost));
    });
}
