import { createRequire } from "node:module";
import type { Entry } from "./history.ts";
import type { Cancel, VirtualTime } from "./time.ts";

const requireReal = createRequire(import.meta.url);

/** What a process takes for the machine's own. */
export interface Globals {
  readonly require: (name: string) => unknown;
  readonly AbortSignal: Pick<typeof AbortSignal, "any" | "abort" | "timeout">;
  readonly setTimeout: (work: () => void, ms?: number) => Timer;
  readonly clearTimeout: (timer: Timer | undefined) => void;
  readonly performance: { now(): number };
  readonly Date: DateConstructor;
}

interface Timer {
  readonly cancel: Cancel;
  unref(): Timer;
  ref(): Timer;
}

/**
 * A process: it can be killed, stopped and continued at any moment, and its clock can be set. What
 * reaches a stopped one waits; what reaches a dead one is lost.
 */
export class Machine {
  readonly name: string;
  readonly #time: VirtualTime;
  readonly #bootMs: number;
  readonly #write: (entry: Entry) => void;
  /** How far the machine's clock is ahead. */
  aheadMs = 0;
  alive = true;
  stopped = false;
  #held: (() => void)[] = [];
  readonly #term = new AbortController();

  constructor(name: string, time: VirtualTime, write: (entry: Entry) => void) {
    this.name = name;
    this.#time = time;
    this.#bootMs = time.nowMs - 1_000;
    this.#write = write;
    this.#note({ state: "started" });
  }

  /** Aborts at SIGTERM. */
  get signal(): AbortSignal {
    return this.#term.signal;
  }

  /** Does `work` in `ms`, in this process. */
  later(ms: number, work: () => void): Cancel {
    return this.#time.later(ms, () => this.reach(work));
  }

  /** Does `work` now, or when it goes on, or never. */
  reach(work: () => void): void {
    if (!this.alive) return;
    if (this.stopped) this.#held.push(work);
    else work();
  }

  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#held = [];
    this.#note({ state: "killed" });
  }

  /** SIGTERM, and SIGKILL when it did not end by itself. */
  terminate(graceMs: number): void {
    if (!this.alive) return;
    this.#note({ state: "terminated" });
    this.reach(() => this.#term.abort(new Error("SIGTERM")));
    this.#time.later(graceMs, () => this.kill());
  }

  stop(): void {
    if (!this.alive || this.stopped) return;
    this.stopped = true;
    this.#note({ state: "stopped" });
  }

  go(): void {
    if (!this.alive || !this.stopped) return;
    this.stopped = false;
    this.#note({ state: "continued" });
    for (const work of this.#held.splice(0)) this.later(0, work);
  }

  /** It came to its end by itself. */
  end(code: number): void {
    if (!this.alive) return;
    this.alive = false;
    this.#note({ state: "ended", code });
  }

  #note(what: Pick<Extract<Entry, { on: "process" }>, "state" | "code">): void {
    this.#write({ atMs: this.#time.nowMs, by: this.name, on: "process", ...what });
  }

  globals(): Globals {
    const sinceBootMs = (): number => this.#time.nowMs - this.#bootMs;
    const shownMs = (): number => this.#time.nowMs + this.aheadMs;
    const timeout = (ms: number): AbortSignal => {
      const over = new AbortController();
      this.later(ms, () => over.abort(new DOMException("it took too long", "TimeoutError")));
      return over.signal;
    };
    const sleep = (ms = 0, value?: unknown, { signal }: { signal?: AbortSignal } = {}): Promise<unknown> =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const aborted = (): void => {
          cancel();
          reject(signal?.reason as Error);
        };
        const cancel = this.later(ms, () => {
          // a signal lives longer than a sleep, and there are thousands of them
          signal?.removeEventListener("abort", aborted);
          resolve(value);
        });
        signal?.addEventListener("abort", aborted, { once: true });
      });
    return {
      require: (name) => (/^(node:)?timers\/promises$/.test(name) ? { setTimeout: sleep } : requireReal(name)),
      AbortSignal: { any: anyOf, abort: AbortSignal.abort.bind(AbortSignal), timeout },
      setTimeout: (work, ms = 0) => timerOf(this.later(ms, work)),
      clearTimeout: (timer) => timer?.cancel(),
      performance: { now: sinceBootMs },
      Date: dateOf(shownMs),
    };
  }
}

/**
 * As `AbortSignal.any`, but forgotten together with its life: node keeps each of those for ever
 * that somebody listens to and that never aborts, and with it all that was played.
 */
function anyOf(signals: Iterable<AbortSignal>): AbortSignal {
  const over = new AbortController();
  for (const one of signals) {
    if (one.aborted) {
      over.abort(one.reason);
      break;
    }
    one.addEventListener("abort", () => over.abort(one.reason), { once: true });
  }
  return over.signal;
}

function timerOf(cancel: Cancel): Timer {
  const timer: Timer = { cancel, unref: () => timer, ref: () => timer };
  return timer;
}

function dateOf(shownMs: () => number): DateConstructor {
  class ShownDate extends Date {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [shownMs()] : given) as [number]));
    }
    static override now(): number {
      return shownMs();
    }
  }
  return ShownDate as unknown as DateConstructor;
}
