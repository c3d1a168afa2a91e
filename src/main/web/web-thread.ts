import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { AftershockError, describeError, type ErrorCode } from "../../core/model/error.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { Log } from "../../ports/log.ts";
import type { WorkerFacts } from "./facts.ts";
import type { RunningWeb, WebOptions } from "./serve.ts";

/** What the thread is begun with. */
export interface ThreadStart {
  readonly config: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly web: WebOptions;
}

export type ToWebThread = { readonly facts: WorkerFacts; readonly id: number } | "stop";
export type FromWebThread =
  | { readonly ask: number }
  | { readonly address: string }
  | { readonly failed: { readonly code: ErrorCode; readonly message: string; readonly hint?: string } };

/** A page may need much for a moment; a thread that needs more ends alone, and is begun again. */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 192 } as const;
/** A thread that ended is begun again after this long, real ms. */
const AGAIN_MS = SECOND_MS;
/** Requests that are answered have this long to end with the process, real ms. */
const STOP_MS = 2 * SECOND_MS;

/**
 * Begins the thread that serves pages, and begins it again when it ends by itself. Rejects when it
 * cannot begin at first.
 */
export async function startWebThread(
  entry: URL,
  given: ThreadStart,
  facts: () => Promise<WorkerFacts>,
  { log }: { readonly log: Log },
): Promise<RunningWeb> {
  const stopping = new AbortController();
  let now = begin(entry, given, facts);
  const address = await now.listening;

  async function keep(): Promise<void> {
    while (!stopping.signal.aborted) {
      const why = await now.ended;
      if (stopping.signal.aborted) return;
      log.error("the thread that serves pages ended; it is begun again", { why });
      await delay(AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      // the same port again, also where any free one was asked for
      now = begin(entry, { ...given, web: { ...given.web, port: Number(new URL(address).port) } }, facts);
      now.listening.catch((cause: unknown) => log.warn("pages are not served", { why: describeError(cause) }));
    }
  }
  const kept = keep();
  return {
    address,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      now.tell("stop");
      await Promise.race([now.ended, delay(STOP_MS)]);
      await now.worker.terminate();
      await kept;
    },
  };
}

function begin(entry: URL, given: ThreadStart, facts: () => Promise<WorkerFacts>) {
  const worker = new Worker(entry, { workerData: given, resourceLimits: LIMITS });
  const listening = Promise.withResolvers<string>();
  const ended = Promise.withResolvers<string>();
  const tell = (message: ToWebThread): void => worker.postMessage(message);
  worker.on("message", (said: FromWebThread) => {
    if ("ask" in said) void facts().then((now) => tell({ facts: now, id: said.ask }));
    else if ("address" in said) listening.resolve(said.address);
    else listening.reject(new AftershockError(said.failed.code, said.failed.message, said.failed));
  });
  worker.on("error", (cause) => ended.resolve(describeError(cause)));
  worker.on("exit", (code) => {
    ended.resolve(`exit code ${code}`);
    listening.reject(new Error(`the thread that serves pages ended with code ${code}`));
  });
  return { worker, listening: listening.promise, ended: ended.promise, tell };
}
