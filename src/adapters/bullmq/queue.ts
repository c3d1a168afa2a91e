import { Queue as Jobs } from "bullmq";
import { AftershockError, describeError } from "../../core/model/error.ts";
import type { Queue } from "../../ports/queue.ts";
import { within } from "../within.ts";
import type { Backend, QueueDeps } from "./backend.ts";
import { queueError } from "./errors.ts";
import { delayMs, jobId, type WakeUp } from "./job.ts";
import { type RunningWorker, startWorker } from "./worker.ts";

/** Events that BullMQ publishes and nobody reads are cut to this number. */
const KEPT_EVENTS = 100;
/**
 * BullMQ waits for ever for a server that takes requests and never answers: whoever asks to be
 * woken must not, for it may be about to end a fault. Asking again changes nothing.
 */
const ANSWER_TIMEOUT_MS = 10_000;
/** A server that does not answer at the end is left without, ms. */
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * A queue on BullMQ: one delayed job for each key and time. A job that was handled is gone, so that
 * asking for it again wakes again; a job whose handler fails, or whose process dies, stays until it
 * was handled. Rejects with `storage-unavailable` when the back end is away.
 */
export async function bullQueue(backend: Backend, deps: QueueDeps): Promise<Queue> {
  const options = { ...backend.options("producer"), streams: { events: { maxLen: KEPT_EVENTS } } };
  const jobs = new Jobs<WakeUp>(backend.name, options, backend.factory);
  jobs.on("error", (cause) =>
    deps.log.debug("queue reports an error", { where: backend.where, why: describeError(cause) }),
  );
  try {
    await inTime(ANSWER_TIMEOUT_MS, jobs.waitUntilReady());
  } catch (cause) {
    await inTime(CLOSE_TIMEOUT_MS, jobs.close()).catch(() => undefined);
    throw queueError(backend.where, cause);
  }
  return new BullQueue(jobs, backend, deps);
}

class BullQueue implements Queue {
  readonly #jobs: Jobs<WakeUp>;
  readonly #backend: Backend;
  readonly #deps: QueueDeps;
  #worker: RunningWorker | null = null;
  #closed: Promise<void> | null = null;

  constructor(jobs: Jobs<WakeUp>, backend: Backend, deps: QueueDeps) {
    this.#jobs = jobs;
    this.#backend = backend;
    this.#deps = deps;
  }

  wake(key: string, atMs: number): Promise<void> {
    if (!Number.isSafeInteger(atMs))
      throw new RangeError(`a wake-up needs a whole number of milliseconds, got ${atMs}`);
    return this.#add({ key, atMs, putOff: 0 });
  }

  async #add(wakeUp: WakeUp): Promise<void> {
    const { clock, speed } = this.#deps;
    if (this.#closed !== null) throw closedError(this.#backend.where);
    try {
      const added = this.#jobs.add("wake", wakeUp, {
        jobId: jobId(wakeUp),
        delay: delayMs(wakeUp.atMs, clock.nowMs(), speed),
        // never given up: what nobody wants any more, the handler ends without an error
        attempts: 1_000_000_000,
        backoff: { type: "ours" },
        removeOnComplete: true,
        removeOnFail: true,
        stackTraceLimit: 1,
      });
      await inTime(ANSWER_TIMEOUT_MS, added);
    } catch (cause) {
      throw queueError(this.#backend.where, cause);
    }
  }

  async start(handler: (key: string, signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#closed !== null) throw closedError(this.#backend.where);
    if (this.#worker !== null) throw new AftershockError("usage", "the queue was started twice");
    this.#worker = await startWorker(this.#backend, this.#deps, async (wakeUp, signal) => {
      // set back, the clock says that it is too early: the job ends, and another waits for the rest
      if (delayMs(wakeUp.atMs, this.#deps.clock.nowMs(), this.#deps.speed) > 1) {
        await this.#add({ ...wakeUp, putOff: wakeUp.putOff + 1 });
      } else {
        await handler(wakeUp.key, signal);
      }
    });
  }

  close(timeoutMs: number): Promise<void> {
    this.#closed ??= (async () => {
      await this.#worker?.close(timeoutMs);
      await inTime(CLOSE_TIMEOUT_MS, this.#jobs.close()).catch((cause: unknown) => {
        this.#deps.log.debug("queue did not close cleanly", { where: this.#backend.where, why: describeError(cause) });
      });
    })();
    return this.#closed;
  }
}

const closedError = (where: string): AftershockError =>
  new AftershockError("storage-unavailable", `the queue on ${where} was closed`, { hint: "this process is ending" });

async function inTime(ms: number, work: Promise<unknown>): Promise<void> {
  if (!(await within(ms, work))) throw new Error(`no answer within ${ms / 1_000} s`);
}
