import { setTimeout as sleepReal } from "node:timers/promises";
import type { Clock } from "../../ports/clock.ts";

/** Longest delay that a Node timer takes without firing at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. */
export function systemClock(): Clock {
  return scaledClock({ speed: 1, realOriginMs: 0, simOriginMs: 0 });
}

export interface Scale {
  /** Milliseconds of this clock in one real millisecond. */
  readonly speed: number;
  /** At this real instant … */
  readonly realOriginMs: number;
  /** … this clock shows that. */
  readonly simOriginMs: number;
}

/** A clock that runs `speed` times as fast as the machine's: two processes with the same scale agree. */
export function scaledClock({ speed, realOriginMs, simOriginMs }: Scale): Clock {
  return clockOf(speed, () => simOriginMs + (Date.now() - realOriginMs) * speed);
}

/** A clock that stands at `simOriginMs` until it is started; a sleep that begins while it stands lasts as long in real time. */
export interface HeldClock extends Clock {
  /** Starts it, and answers the real moment (ms since the epoch) at which it began to run. */
  start(): number;
}

export function heldClock({ speed, simOriginMs }: Omit<Scale, "realOriginMs">): HeldClock {
  let originMs: number | null = null;
  const clock = clockOf(speed, () => simOriginMs + (originMs === null ? 0 : Date.now() - originMs) * speed);
  return {
    ...clock,
    sleep: (ms, signal) =>
      originMs === null ? sleepReal(Math.min(ms, MAX_TIMER_MS), undefined, { signal }) : clock.sleep(ms, signal),
    start() {
      originMs ??= Date.now();
      return originMs;
    },
  };
}

/** The wall clock may be set at any moment; `performance.now()` counts on. */
function clockOf(speed: number, nowMs: () => number): Clock {
  const monotonicMs = (): number => performance.now() * speed;
  return {
    nowMs,
    monotonicMs,
    realMs: () => performance.now(),
    async sleep(ms, signal) {
      const untilMs = monotonicMs() + ms;
      for (let left = ms; left > 0; left = untilMs - monotonicMs()) {
        await sleepReal(Math.min(Math.ceil(left / speed), MAX_TIMER_MS), undefined, { signal });
      }
      signal.throwIfAborted();
    },
  };
}
