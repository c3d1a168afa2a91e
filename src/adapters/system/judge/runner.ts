import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Pages } from "../../../core/judge/judge.ts";
import type { Judgement } from "../../../core/model/verdict.ts";
import type { JudgeRunner } from "../../../ports/judge.ts";
import { type Answer, type FromThread, type ToThread, taskOf } from "./messages.ts";

/** Nearly all that the thread holds lies outside its heap; a small young generation keeps what is inside small. */
const LIMITS = { maxYoungGenerationSizeMb: 8 } as const;
/** A thread that had nothing to do for this long ends, and gives back its memory. Real ms. */
const REST_AFTER_MS = 60_000;

interface Pending {
  resolve(judgement: Judgement): void;
  reject(cause: unknown): void;
}

interface JudgeThreadOptions {
  readonly restAfterMs?: number;
}

/**
 * Judges in a thread of its own, begun when there is something to judge and ended when there was nothing for a while; what it has learnt of nulls goes
 * on to the next one. It keeps no process alive that has nothing else to do. When it dies, whoever waits is told so.
 */
export function judgeThread({ restAfterMs = REST_AFTER_MS }: JudgeThreadOptions = {}): JudgeRunner & AsyncDisposable {
  let worker: Worker | null = null;
  let pages: Pages = new Map();
  let lastId = 0;
  let resting: NodeJS.Timeout | undefined;
  const waiting = new Map<number, Pending>();

  function settle(id: number, how: (pending: Pending) => void): void {
    const pending = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) idle();
    if (pending !== undefined) how(pending);
  }

  function idle(): void {
    worker?.unref();
    clearTimeout(resting);
    resting = setTimeout(() => tell("rest"), restAfterMs).unref();
  }

  const tell = (message: ToThread): void => worker?.postMessage(message);

  function heard(from: Worker, said: FromThread): void {
    if (!("pages" in said)) {
      settle(said.id, ({ resolve, reject }) => ("judgement" in said ? resolve(said.judgement) : reject(errorOf(said))));
    } else if (waiting.size === 0 && worker === from) {
      ({ pages } = said);
      worker = null;
      void from.terminate();
    }
  }

  function fail(dead: Worker, cause: unknown): void {
    if (worker !== dead) return;
    worker = null;
    // Whatever it was writing into them may be half done.
    pages = new Map();
    for (const id of [...waiting.keys()]) settle(id, ({ reject }) => reject(cause));
  }

  function begin(): Worker {
    const begun = new Worker(entry(), { resourceLimits: LIMITS, workerData: pages });
    begun.on("message", (said: FromThread) => heard(begun, said));
    begun.on("error", (cause) => fail(begun, cause));
    begun.on("exit", (code) => fail(begun, new Error(`the thread that judges ended with code ${code}`)));
    return begun;
  }

  return {
    async judge(input, signal) {
      signal.throwIfAborted();
      clearTimeout(resting);
      worker ??= begin();
      worker.ref();
      const id = ++lastId;
      const { promise, resolve, reject } = Promise.withResolvers<Judgement>();
      waiting.set(id, { resolve, reject });
      const stop = (): void => settle(id, (pending) => pending.reject(signal.reason));
      signal.addEventListener("abort", stop, { once: true });
      tell(taskOf(id, input));
      return promise.finally(() => signal.removeEventListener("abort", stop));
    },
    async [Symbol.asyncDispose]() {
      const ended = worker;
      if (ended !== null) fail(ended, new Error("the process ends"));
      clearTimeout(resting);
      await ended?.terminate();
    },
  };
}

/** Beside the bundle; among the sources, where no bundle is. */
function entry(): URL {
  const bundled = new URL("judge-thread.mjs", import.meta.url);
  return existsSync(bundled) ? bundled : new URL("thread.ts", import.meta.url);
}

function errorOf({ error, stack }: Extract<Answer, { error: string }>): Error {
  const cause = new Error(error);
  if (stack !== undefined) cause.stack = stack;
  return cause;
}
