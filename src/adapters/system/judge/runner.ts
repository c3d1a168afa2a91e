import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Judgement } from "../../../core/model/verdict.ts";
import type { JudgeRunner } from "../../../ports/judge.ts";
import { type Answer, taskOf } from "./messages.ts";

/** Nearly all that the thread holds lies outside its heap; small young generations keep what is inside small. */
const LIMITS = { maxYoungGenerationSizeMb: 8 } as const;

interface Pending {
  resolve(judgement: Judgement): void;
  reject(cause: unknown): void;
}

/**
 * Judges in a thread of its own, begun with the first judgement and kept, with its nulls, until disposed. It keeps no process alive that has
 * nothing else to do. When it dies, whoever waits is told so, and the next judgement begins another.
 */
export function judgeThread(): JudgeRunner & AsyncDisposable {
  let worker: Worker | null = null;
  let lastId = 0;
  const waiting = new Map<number, Pending>();

  function settle(id: number, how: (pending: Pending) => void): void {
    const pending = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker?.unref();
    if (pending !== undefined) how(pending);
  }

  function fail(dead: Worker, cause: unknown): void {
    if (worker === dead) worker = null;
    for (const id of [...waiting.keys()]) settle(id, ({ reject }) => reject(cause));
  }

  function begin(): Worker {
    const begun = new Worker(entry(), { resourceLimits: LIMITS });
    begun.on("message", (answer: Answer) =>
      settle(answer.id, ({ resolve, reject }) =>
        "judgement" in answer ? resolve(answer.judgement) : reject(errorOf(answer)),
      ),
    );
    begun.on("error", (cause) => fail(begun, cause));
    begun.on("exit", (code) => fail(begun, new Error(`the thread that judges ended with code ${code}`)));
    return begun;
  }

  return {
    judge(input, signal) {
      signal.throwIfAborted();
      worker ??= begin();
      worker.ref();
      const id = ++lastId;
      const { promise, resolve, reject } = Promise.withResolvers<Judgement>();
      waiting.set(id, { resolve, reject });
      worker.postMessage(taskOf(id, input));
      const stop = (): void => settle(id, () => reject(signal.reason));
      signal.addEventListener("abort", stop, { once: true });
      return promise.finally(() => signal.removeEventListener("abort", stop));
    },
    async [Symbol.asyncDispose]() {
      const ended = worker;
      worker = null;
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
