import { setTimeout as sleepReal } from "node:timers/promises";
import type { Clock } from "../../ports/clock.ts";

/** Longest delay that a Node timer takes without firing at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. */
export function systemClock(): Clock {
  return scaledClock({ speed: 1, realOriginMs: 0, simOriginMs: 0 });
}

/** A clock that follows another one: that of the server which all replicas talk to. */
export interface FollowingClock extends Clock {
  /** The other clock showed `theirMs` a moment ago. */
  heard(theirMs: number): void;
}

/**
 * What the other clock shows is known to a second, and its answer took its time: what differs by
 * less is left as it is, ms.
 */
const FOLLOW_FROM_MS = 3_000;

/**
 * Begins with the machine's clock and goes by its counter, whatever somebody sets the machine's
 * clock to. Once the other clock is heard it shows the same, so that windows, slots and the ends of
 * faults refer to one clock wherever a process runs.
 */
export function followingClock(): FollowingClock {
  let originMs = Date.now() - performance.now();
  const clock = clockOf(1, () => Math.floor(originMs + performance.now()));
  return {
    ...clock,
    heard(theirMs) {
      const aheadMs = theirMs - clock.nowMs();
      if (Math.abs(aheadMs) >= FOLLOW_FROM_MS) originMs += aheadMs;
    },
  };
}

export interface Scale {
  /** Milliseconds of this clock in one real millisecond. */
  readonly speed: number;
  /** At this real instant … */
  readonly realOriginMs: number;
  /** … this clock shows that. */
  readonly simOriginMs: number;
}

/**
 * A clock that runs `speed` times as fast as the machine's: two processes with the same scale
 * agree.
 */
export function scaledClock({ speed, realOriginMs, simOriginMs }: Scale): Clock {
  return clockOf(speed, () => simOriginMs + (Date.now() - realOriginMs) * speed);
}

/** A clock that shows `startMs` (since the epoch) now, and runs like the machine's. */
export const clockFrom = (startMs: number): Clock =>
  scaledClock({ speed: 1, realOriginMs: Date.now(), simOriginMs: startMs });

/** The wall clock may be set at any moment; `performance.now()` counts on. */
function clockOf(speed: number, nowMs: () => number): Clock {
  const monotonicMs = (): number => Math.floor(performance.now() * speed);
  return {
    nowMs,
    monotonicMs,
    realMs: () => Math.floor(performance.now()),
    async sleep(ms, signal) {
      const untilMs = monotonicMs() + ms;
      for (let left = ms; left > 0; left = untilMs - monotonicMs()) {
        await sleepReal(Math.min(Math.ceil(left / speed), MAX_TIMER_MS), undefined, { signal });
      }
      signal.throwIfAborted();
    },
  };
}
