import { AftershockError, type ErrorCode } from "../../../../src/core/model/error.ts";
import type { JournalEntry } from "../../../../src/core/model/journal.ts";
import type { Cache, KeptJournal } from "../../../../src/ports/journal.ts";
import type { Queue } from "../../../../src/ports/queue.ts";
import { STORAGE_ANSWERS_MS, type StorageAsk } from "../environment.ts";
import { environment } from "./environment.ts";

const KNOWN: readonly string[] = ["journal-conflict", "storage-full"];

async function ask<T>(what: StorageAsk): Promise<T> {
  try {
    return (await answeredInTime(environment.storage(what))) as T;
  } catch (cause) {
    const { code } = cause as { readonly code: string };
    if (KNOWN.includes(code)) throw new AftershockError(code as ErrorCode, `${what.do}: ${code}`);
    throw new AftershockError("storage-unavailable", `${what.do}: ${code}`, { retryable: true });
  }
}

function answeredInTime(answer: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject({ code: "no answer in time" }), STORAGE_ANSWERS_MS);
    answer.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

export const journal: KeptJournal = {
  append: (stream, afterSeq, events, options) => ask({ do: "append", stream, afterSeq, events, ...options }),
  read: (stream) => ask<readonly JournalEntry[]>({ do: "read", stream }),
  list: (kind, fromMs, toMs) => ask({ do: "list", kind, fromMs, toMs }),
  listOpen: (kind) => ask({ do: "listOpen", kind }),
  heads: async () => [],
  rewrite: async () => false,
  remove: async () => false,
};

export const cache: Cache = {
  load: (name) => ask({ do: "load", name }),
  save: (name, bytes) => ask({ do: "save", name, bytes }),
  remove: async () => undefined,
  names: async () => [],
};

/** Handlers that are at work when it is closed are waited for. */
export function openQueue(): Queue {
  const running = new Set<Promise<void>>();
  let end = (): void => undefined;
  const stopping = new AbortController();
  return {
    wake: (key, atMs) => ask({ do: "wake", key, atMs }),
    async start(handler) {
      end = environment.takeWork((key) => {
        const run = handler(key, stopping.signal).finally(() => running.delete(run));
        running.add(run);
        return run;
      });
    },
    async close(timeoutMs) {
      end();
      const late = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs));
      await Promise.race([Promise.allSettled(running), late]);
      stopping.abort(new Error("the queue is closed"));
      await Promise.allSettled(running);
    },
  };
}
