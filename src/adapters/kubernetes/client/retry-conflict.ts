import { hasCode } from "../../../core/model/error.ts";

/** Reads and writes tried when others write the same object at the same time. */
const MAX_TRIES = 5;

/**
 * Repeats a read-then-write from the start when somebody else wrote in between; rejects with
 * `cluster-conflict` when that happens again and again.
 */
export async function retryConflict<T>(readThenWrite: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await readThenWrite();
    } catch (cause) {
      if (!hasCode(cause, "cluster-conflict") || tries >= MAX_TRIES) throw cause;
    }
  }
}
