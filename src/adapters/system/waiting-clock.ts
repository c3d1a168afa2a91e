import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleepReal } from "node:timers/promises";
import type { Clock } from "../../ports/clock.ts";

/** The clock moves this often, real ms. */
const TICK_MS = 20;
/** What is expected and does not come is waited for no longer than this, real ms. */
const PATIENCE_MS = 10_000;

/**
 * A quick clock that waits: it stands while `during` is at work and while something that was
 * expected has not come, so that what happens in its time does not depend on how busy the machine
 * is. Until it runs, a sleep lasts as long in real time.
 */
export interface WaitingClock extends Clock {
  /**
   * Moves on until `signal` aborts; everybody who shows the same time is told by `follow` before
   * this clock shows it.
   */
  run(follow: (toMs: number) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Stands while `work` is at work, and goes on where that sleeps by this clock. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Does not pass `atMs` before `met(key)`. */
  expect(key: string, atMs: number): void;
  met(key: string): void;
}

interface Work {
  ended: boolean;
  sleeping: number;
}
interface Sleeper {
  readonly untilMs: number;
  wake(): void;
}

/** @param speed how many times as fast as the machine's it runs at most */
export function waitingClock({
  speed,
  simOriginMs,
}: {
  readonly speed: number;
  readonly simOriginMs: number;
}): WaitingClock {
  const context = new AsyncLocalStorage<Work>();
  const works = new Set<Work>();
  const sleepers = new Set<Sleeper>();
  const expected = new Map<string, Set<number>>();
  let nowMs = simOriginMs;
  let running = false;

  const nextExpectedMs = (): number => Math.min(...[...expected.values()].flatMap((times) => [...times]));
  const moveTo = (toMs: number): void => {
    nowMs = toMs;
    for (const one of [...sleepers].filter(({ untilMs }) => untilMs <= toMs)) {
      sleepers.delete(one);
      one.wake();
    }
  };
  const forget = (untilMs: number): void => {
    for (const [key, times] of expected) {
      for (const atMs of times) if (atMs <= untilMs) times.delete(atMs);
      if (times.size === 0) expected.delete(key);
    }
  };

  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - simOriginMs,
    realMs: () => performance.now(),
    async sleep(ms, signal) {
      signal.throwIfAborted();
      if (!running) return void (await sleepReal(ms, undefined, { signal }));
      if (ms <= 0) return;
      const work = context.getStore();
      if (work !== undefined) work.sleeping += 1;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { untilMs: nowMs + ms, wake: resolve };
      const stop = (): void => {
        sleepers.delete(sleeper);
        reject(signal.reason);
      };
      sleepers.add(sleeper);
      signal.addEventListener("abort", stop, { once: true });
      try {
        await promise;
      } finally {
        signal.removeEventListener("abort", stop);
        if (work !== undefined) work.sleeping -= 1;
      }
    },
    async run(follow, signal) {
      running = true;
      let stoodSinceMs: number | null = null;
      while (!signal.aborted) {
        await sleepReal(TICK_MS, undefined, { signal }).catch(() => undefined);
        if ([...works].some(({ ended, sleeping }) => !ended && sleeping === 0)) continue;
        const toMs = Math.min(nowMs + TICK_MS * speed, Math.max(nowMs, nextExpectedMs()));
        if (toMs > nowMs) {
          stoodSinceMs = null;
          await follow(toMs);
          moveTo(toMs);
          continue;
        }
        stoodSinceMs ??= performance.now();
        if (performance.now() - stoodSinceMs > PATIENCE_MS) forget(nowMs);
      }
    },
    during(work) {
      const mine: Work = { ended: false, sleeping: 0 };
      works.add(mine);
      return context.run(mine, work).finally(() => {
        mine.ended = true;
        works.delete(mine);
      });
    },
    expect(key, atMs) {
      expected.set(key, (expected.get(key) ?? new Set()).add(atMs));
    },
    met(key) {
      const times = expected.get(key);
      for (const atMs of times ?? []) if (atMs <= nowMs) times?.delete(atMs);
      if (times?.size === 0) expected.delete(key);
    },
  };
}
