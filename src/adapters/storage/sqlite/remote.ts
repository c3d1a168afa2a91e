import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { describeError } from "../../../core/model/error.ts";
import { unavailable } from "../errors.ts";
import {
  type Answer,
  type CallName,
  type Failure,
  OPENED,
  type Request,
  type StoreCalls,
  type ThreadStart,
} from "./calls.ts";
import { storeError } from "./errors.ts";

/**
 * A disk that hangs keeps the thread in the kernel; whoever asked is told after this, ms. A lock
 * that another process holds is given up before.
 */
const ANSWER_TIMEOUT_MS = 30_000;

/** What it reads and writes lies outside its heap, or is gone after a call. */
const LIMITS = { maxYoungGenerationSizeMb: 1 } as const;

/**
 * The database in its thread. Every call rejects in our words: `storage-unavailable` or
 * `storage-full`.
 */
export interface RemoteStore {
  call<Name extends CallName>(name: Name, ...args: Parameters<StoreCalls[Name]>): Promise<ReturnType<StoreCalls[Name]>>;
  /** Waits for what was asked before, then ends the thread. */
  close(): Promise<void>;
}

interface Waiting {
  answer(value: unknown): void;
  fail(failure: Failure): void;
  lost(why: string, hint?: string): void;
}

/** Starts the thread; rejects when it cannot open the database in `folder`. */
export async function openRemote(
  folder: string,
  start: ThreadStart,
  answerTimeoutMs = ANSWER_TIMEOUT_MS,
): Promise<RemoteStore> {
  const worker = new Worker(entry(), { workerData: start, resourceLimits: LIMITS });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let gone: string | null = null;
  let allAnswered = (): void => undefined;

  function expectAnswer(id: number, timeoutMs = answerTimeoutMs): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    // it keeps the process alive while somebody waits, and no longer
    worker.ref();
    const timer = setTimeout(() => {
      const why = `no answer within ${timeoutMs / 1000} s`;
      settle(id, (one) => one.lost(why, "its disk or its lock hangs; ask why"));
    }, timeoutMs).unref();
    promise.catch(() => undefined).finally(() => clearTimeout(timer));
    waiting.set(id, {
      answer: resolve,
      fail: (failure) => void storeError(folder, failure).then(reject),
      lost: (why, hint = "run the command again") => reject(unavailable(`embedded:${folder}`, why, hint)),
    });
    return promise;
  }
  function settle(id: number, how: (one: Waiting) => void): void {
    const found = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) {
      worker.unref();
      allAnswered();
    }
    if (found !== undefined) how(found);
  }
  function lose(why: string): void {
    gone ??= why;
    for (const id of [...waiting.keys()]) settle(id, (one) => one.lost(why));
  }
  function send(call: CallName, args: readonly unknown[]): Promise<unknown> {
    lastId += 1;
    const answered = expectAnswer(lastId);
    worker.postMessage({ id: lastId, call, args } satisfies Request);
    return answered;
  }
  worker.on("message", (said: Answer) =>
    settle(said.id, (one) => ("failure" in said ? one.fail(said.failure) : one.answer(said.value))),
  );
  worker.on("error", (cause) => lose(`its thread failed: ${describeError(cause)}`));
  worker.on("exit", () => lose("its thread has ended"));

  // a thread that starts on a busy machine is slower than any call
  await expectAnswer(OPENED, ANSWER_TIMEOUT_MS).catch(async (cause: unknown) => {
    await worker.terminate();
    throw cause;
  });
  const call = async (name: CallName, ...args: readonly unknown[]): Promise<unknown> => {
    if (gone !== null) throw unavailable(`embedded:${folder}`, gone, "run the command again");
    return send(name, args);
  };
  return {
    call: call as RemoteStore["call"],
    async close() {
      if (gone !== null) return;
      gone = "it was closed";
      // calls that come together share a commit, and nothing can be closed in the middle of one
      if (waiting.size > 0) await new Promise<void>((resolve) => (allAnswered = resolve));
      await send("close", []).catch(() => undefined);
      await worker.terminate();
    },
  };
}

/** Beside the bundle; among the sources, where no bundle is. */
function entry(): URL {
  const bundled = new URL("store-thread.mjs", import.meta.url);
  return existsSync(bundled) ? bundled : new URL("thread.ts", import.meta.url);
}
