import { randomUUID } from "node:crypto";
import { AftershockError, describeError } from "../../../core/model/error.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { Queue } from "../../../ports/queue.ts";
import { within } from "../../within.ts";
import type { Claim, TakenWakeUp } from "./calls.ts";
import type { RemoteStore } from "./remote.ts";

/** What a queue of wake-ups in the embedded store needs besides the store. */
export interface TimerDeps {
  readonly clock: Clock;
  /** The machine's clock, which all processes share: how old a claim is. */
  readonly machine: Clock;
  readonly log: Log;
  /** How many times as fast as a real one `clock` runs. */
  readonly speed: number;
  /** A wake-up whose process died is delivered again after this, real ms. */
  readonly lockMs: number;
  readonly where: string;
}

/** Longest time between two looks at what other processes asked for, real ms. */
const LOOK_AGAIN_MS = 2_000;
/** After an error of the store, real ms. */
const REST_MS = 1_000;
/** While an outage lasts, every attempt fails alike: a line this often is enough. */
const REMIND_MS = 60_000;
/** A handler that ignores its signal holds up the end of the process no longer than this. */
const LAST_GRACE_MS = 2_000;
/** Longest wait before a rejected handler is tried again, ms of the worker's clock. */
const LONGEST_BACKOFF_MS = 60_000;

type Handler = (key: string, signal: AbortSignal) => Promise<void>;

/**
 * A queue without a server: the wake-ups are rows beside the journal, and a timer looks for what is
 * due. A row is gone when it was handled; one whose handler fails, or whose process dies, comes
 * again.
 */
export function timerQueue(store: RemoteStore, deps: TimerDeps): Queue {
  return new TimerQueue(store, deps);
}

class TimerQueue implements Queue {
  readonly #store: RemoteStore;
  readonly #deps: TimerDeps;
  readonly #owner = randomUUID();
  /** No new wake-up is taken from then on. */
  #stopping = false;
  /** The running handler is told to end. */
  readonly #cutting = new AbortController();
  /** Ends the rest until the next wake-up, if there is one. */
  #endRest: () => void = () => undefined;
  /** Something was asked for since the last look. */
  #nudged = false;
  #working: Promise<void> | null = null;
  #closed: Promise<void> | null = null;
  #toldAtMs: number | null = null;

  constructor(store: RemoteStore, deps: TimerDeps) {
    this.#store = store;
    this.#deps = deps;
  }

  async wake(key: string, atMs: number): Promise<void> {
    if (!Number.isSafeInteger(atMs))
      throw new RangeError(`a wake-up needs a whole number of milliseconds, got ${atMs}`);
    this.#refuseWhenClosed();
    await this.#store.call("wake", key, atMs);
    this.#nudge();
  }

  async start(handler: Handler): Promise<void> {
    this.#refuseWhenClosed();
    if (this.#working !== null) throw new AftershockError("usage", "the queue was started twice");
    this.#working = this.#work(handler);
  }

  close(timeoutMs: number): Promise<void> {
    this.#closed ??= this.#end(timeoutMs);
    return this.#closed;
  }

  #refuseWhenClosed(): void {
    if (this.#closed === null) return;
    throw new AftershockError("storage-unavailable", `the queue on ${this.#deps.where} was closed`, {
      hint: "this process is ending",
    });
  }

  async #end(timeoutMs: number): Promise<void> {
    this.#stopping = true;
    this.#nudge();
    const working = this.#working ?? Promise.resolve();
    if (await within(timeoutMs, working)) return;
    const { log, where } = this.#deps;
    log.warn("wake-up is cut off, and is delivered again at the next start", { where });
    this.#cutting.abort(new Error("the worker is ending"));
    await within(LAST_GRACE_MS, working);
    await this.#store.call("giveBack", this.#owner).catch(() => undefined);
  }

  async #work(handler: Handler): Promise<void> {
    while (!this.#stopping) {
      this.#nudged = false;
      const restMs = await this.#handleNext(handler).catch((cause: unknown) => this.#tell(cause));
      await this.#rest(restMs);
    }
  }

  #rest(ms: number): Promise<void> {
    if (ms === 0 || this.#nudged) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #nudge(): void {
    this.#nudged = true;
    this.#endRest();
  }

  /**
   * Handles what is due, if anything; answers how long nothing is due, real ms. Rejects when the
   * store does.
   */
  async #handleNext(handler: Handler): Promise<number> {
    const { clock, speed, lockMs } = this.#deps;
    const { taken, nextDueMs } = await this.#store.call("take", Math.floor(clock.nowMs()), this.#claim());
    this.#well();
    if (taken === null) {
      const untilDueMs = nextDueMs === null ? LOOK_AGAIN_MS : Math.ceil((nextDueMs - clock.nowMs()) / speed);
      return Math.max(1, Math.min(untilDueMs, LOOK_AGAIN_MS, lockMs / 2));
    }
    const failure = await this.#run(handler, taken);
    if (this.#cutting.signal.aborted) return 0;
    if (failure === null) await this.#store.call("handled", taken);
    else await this.#store.call("failed", taken, Math.floor(clock.nowMs() + backoffMs(taken.failures)));
    return 0;
  }

  /** Runs the handler, and says meanwhile that this process is at work; null, or why it failed. */
  async #run(handler: Handler, taken: TakenWakeUp): Promise<unknown> {
    const alive = setInterval(() => {
      this.#store.call("keep", taken, this.#claim()).catch((cause: unknown) => this.#tell(cause));
    }, this.#deps.lockMs / 3);
    try {
      await handler(taken.key, this.#cutting.signal);
      return null;
    } catch (cause) {
      const attempt = taken.failures + 1;
      const why = describeError(cause);
      this.#deps.log.warn("wake-up failed and is tried again", { key: taken.key, attempt, why });
      return cause ?? new Error("no reason was given");
    } finally {
      clearInterval(alive);
    }
  }

  #claim(): Claim {
    const { machine, lockMs } = this.#deps;
    return { owner: this.#owner, realMs: Math.floor(machine.nowMs()), claimMs: Math.ceil(lockMs) };
  }

  /** Tells of an outage once, then now and then; answers how long to rest. */
  #tell(cause: unknown): number {
    const nowMs = performance.now();
    if (this.#closed === null && (this.#toldAtMs === null || nowMs - this.#toldAtMs >= REMIND_MS)) {
      this.#deps.log.warn("queue does not answer, trying on", { where: this.#deps.where, why: describeError(cause) });
      this.#toldAtMs = nowMs;
    }
    return REST_MS;
  }

  #well(): void {
    if (this.#toldAtMs !== null) this.#deps.log.info("queue answers again", { where: this.#deps.where });
    this.#toldAtMs = null;
  }
}

/** 1 s, 2 s, 4 s … a minute after so many failures before. */
const backoffMs = (failures: number): number => Math.min(1_000 * 2 ** Math.min(failures, 10), LONGEST_BACKOFF_MS);
