import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Pages } from "../../../core/judge/judge.ts";
import type { JudgeRunner } from "../../../ports/judge.ts";
import { type Answer, type FromThread, judgeTask, lookTask, type Task, type ToThread } from "./messages.ts";

/**
 * Nearly all that the thread holds lies outside its heap; a small young generation keeps what is
 * inside small.
 */
const LIMITS = { maxYoungGenerationSizeMb: 8 } as const;
/** A thread that had nothing to do for this long ends, and gives back its memory. Real ms. */
const REST_AFTER_MS = 60_000;

interface Pending {
  answer(said: Answer): void;
  reject(cause: unknown): void;
}

interface JudgeThreadOptions {
  readonly restAfterMs?: number;
}

/**
 * Judges in a thread of its own, begun when there is something to judge and ended when there was
 * nothing for a while; what it has learnt of nulls goes on to the next one. It keeps no process
 * alive that has nothing else to do. When it dies, whoever waits is told so.
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
      settle(said.id, ({ answer }) => answer(said));
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

  /**
   * Gives the thread a task; `read` takes its answer out of what the thread says, null when that is
   * none.
   */
  async function ask<T>(make: (id: number) => Task, read: (said: Answer) => T | null, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    clearTimeout(resting);
    worker ??= begin();
    worker.ref();
    const id = ++lastId;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const answer = (said: Answer): void => {
      const answered = read(said);
      if (answered === null) reject(errorOf(said));
      else resolve(answered);
    };
    waiting.set(id, { answer, reject });
    const stop = (): void => settle(id, (pending) => pending.reject(signal.reason));
    signal.addEventListener("abort", stop, { once: true });
    tell(make(id));
    return promise.finally(() => signal.removeEventListener("abort", stop));
  }

  return {
    judge: (input, signal) =>
      ask(
        (id) => judgeTask(id, input),
        (said) => ("judgement" in said ? said.judgement : null),
        signal,
      ),
    finalLook: (look, signal) =>
      ask(
        (id) => lookTask(id, look),
        (said) => ("final" in said ? said.final : null),
        signal,
      ),
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

function errorOf(said: Answer): Error {
  if (!("error" in said)) return new TypeError("the thread that judges answered another question");
  const { error, stack } = said;
  const cause = new Error(error);
  if (stack !== undefined) cause.stack = stack;
  return cause;
}
