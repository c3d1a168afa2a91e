import { afterEach, describe, expect, test, vi } from "vitest";
import { followingClock, systemClock } from "../../../src/adapters/system/clock.ts";

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

describe("a clock that follows another one", () => {
  test.each([
    { name: "back", byMs: -HOUR_MS },
    { name: "forward", byMs: HOUR_MS },
  ])("goes on as if nothing happened when the machine's clock is set $name by an hour", ({ byMs }) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.parse("2026-03-06T09:15:00Z"));
    const clock = followingClock();
    const beforeMs = clock.nowMs();
    vi.setSystemTime(beforeMs + byMs);
    expect(Math.abs(clock.nowMs() - beforeMs)).toBeLessThan(60_000);
  });

  test("shows what the other one shows once it is heard, however far away the machine's is", () => {
    const clock = followingClock();
    const theirMs = clock.nowMs() + HOUR_MS;
    const countedMs = clock.monotonicMs();
    clock.heard(theirMs);
    expect(clock.nowMs() - theirMs).toBeGreaterThanOrEqual(0);
    expect(clock.nowMs() - theirMs).toBeLessThan(60_000);
    expect(clock.monotonicMs() - countedMs).toBeLessThan(60_000);
  });

  test("shows whole milliseconds, as the journal wants them", () => {
    const clock = followingClock();
    clock.heard(clock.nowMs() + HOUR_MS + 0.25);
    for (const ms of [clock.nowMs(), clock.monotonicMs(), clock.realMs()]) expect(Number.isInteger(ms)).toBe(true);
  });

  test("does not jump for the second that nobody knows", () => {
    const clock = followingClock();
    const beforeMs = clock.nowMs();
    clock.heard(beforeMs + 2_000);
    expect(clock.nowMs() - beforeMs).toBeLessThan(2_000);
  });
});
