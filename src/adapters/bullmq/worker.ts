import { type Job, Worker } from "bullmq";
import { describeError } from "../../core/model/error.ts";
import { within } from "../within.ts";
import type { Backend, QueueDeps } from "./backend.ts";
import { asError, queueError } from "./errors.ts";
import { backoffMs, type WakeUp } from "./job.ts";
import { outages } from "./outages.ts";

export interface RunningWorker {
  close(timeoutMs: number): Promise<void>;
}

/**
 * A handler that ignores its signal, or a back end that does not answer, holds up the end of the
 * process no longer than this.
 */
const LAST_GRACE_MS = 2_000;
/** A back end that takes connections and never answers is given up after this at the start. */
const READY_TIMEOUT_MS = 8_000;

type Handle = (wakeUp: WakeUp, signal: AbortSignal) => Promise<void>;

/**
 * Starts to handle jobs, one at a time. Rejects with `storage-unavailable` when the back end is
 * away.
 */
export async function startWorker(backend: Backend, deps: QueueDeps, handle: Handle): Promise<RunningWorker> {
  const { log, speed, lockMs } = deps;
  const ending = new AbortController();
  let running: Promise<void> = Promise.resolve();

  const process = async (job: Job<WakeUp>): Promise<void> => {
    const run = (async () => handle(job.data, ending.signal))();
    running = run.catch(() => undefined);
    await run.catch((cause: unknown) => {
      log.warn("wake-up failed and is tried again", {
        key: job.data.key,
        attempt: job.attemptsMade + 1,
        why: describeError(cause),
      });
      throw asError(cause);
    });
  };

  const worker = new Worker<WakeUp>(
    backend.name,
    process,
    {
      ...backend.options("consumer"),
      autorun: false,
      concurrency: 1,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      // a job that stalled twice would be failed for good otherwise
      maxStalledCount: 1_000_000_000,
      runRetryDelay: 1_000,
      settings: { backoffStrategy: (attempt) => backoffMs(attempt, speed) },
    },
    backend.factory,
  );
  const stopResting = restOnErrors(worker, backend.where, deps);

  try {
    if (!(await within(READY_TIMEOUT_MS, worker.waitUntilReady()))) throw new Error("it was not ready in time");
  } catch (cause) {
    stopResting();
    await worker.close(true).catch(() => undefined);
    throw queueError(backend.where, cause);
  }
  worker.run().catch((cause: unknown) => worker.emit("error", asError(cause)));

  return {
    async close(timeoutMs) {
      stopResting();
      await worker.pause(true);
      const idle = await within(timeoutMs, running);
      if (!idle) {
        log.warn("wake-up is cut off, and is delivered again at the next start", { where: backend.where });
        ending.abort(new Error("the worker is ending"));
      }
      const ended = idle || (await within(LAST_GRACE_MS, running));
      await within(LAST_GRACE_MS, worker.close(!ended));
    },
  };
}

/**
 * A worker whose back end answers with errors asks again at once, thousands of times a second: let
 * it rest in between.
 */
function restOnErrors(worker: Worker<WakeUp>, where: string, { log }: QueueDeps): () => void {
  const REST_MS = 1_000;
  const told = outages(log, where);
  let resting: NodeJS.Timeout | undefined;
  let stopped = false;
  worker.on("error", (cause) => {
    told.error(cause);
    if (stopped || resting !== undefined) return;
    void worker.pause(true);
    resting = setTimeout(() => {
      resting = undefined;
      void worker.resume();
    }, REST_MS);
  });
  worker.on("active", () => told.well());
  return () => {
    stopped = true;
    clearTimeout(resting);
  };
}
