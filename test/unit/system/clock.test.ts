import { afterEach, expect, test, vi } from "vitest";
import { systemClock } from "../../../src/adapters/system/clock.ts";

const HOUR_MS = 3_600_000;

afterEach(() => void vi.useRealTimers());

test.each([
  { name: "back", byMs: -HOUR_MS },
  { name: "forward", byMs: HOUR_MS },
])(
  "a sleep lasts as long as it was asked to when the wall clock is set $name by an hour meanwhile",
  async ({ byMs }) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.parse("2026-03-06T09:15:00Z"));
    const clock = systemClock();
    const beganMs = clock.monotonicMs();
    const slept = clock.sleep(50, new AbortController().signal);
    vi.setSystemTime(clock.nowMs() + byMs);
    await slept;
    expect(clock.monotonicMs() - beganMs).toBeGreaterThanOrEqual(49);
  },
);
