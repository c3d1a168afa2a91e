import { setTimeout as sleepReal } from "node:timers/promises";
import { expect, test } from "vitest";
import { waitingClock } from "../../../src/adapters/system/waiting-clock.ts";

const quick = () => {
  const clock = waitingClock({ speed: 1_000, simOriginMs: 0 });
  const stop = new AbortController();
  const told: number[] = [];
  const running = clock.run(async (toMs) => void told.push(toMs), stop.signal);
  return {
    clock,
    told,
    signal: stop.signal,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
};

test("it stands while work is at work, however long that takes", async () => {
  await using it = quick();
  const before = it.clock.nowMs();
  await it.clock.during(() => sleepReal(200));
  expect(it.clock.nowMs()).toBe(before);
});

test("it goes on where work sleeps by it, and everybody is told a time before it shows it", async () => {
  await using it = quick();
  await it.clock.during(() => it.clock.sleep(60_000, it.signal));
  expect(it.clock.nowMs()).toBeGreaterThanOrEqual(60_000);
  expect(it.told.at(-1)).toBeGreaterThanOrEqual(it.clock.nowMs());
});

test("it does not pass what is expected before that has come", async () => {
  await using it = quick();
  it.clock.expect("slot", 50_000);
  await sleepReal(300);
  expect(it.clock.nowMs()).toBe(50_000);
  it.clock.met("slot");
  await it.clock.sleep(20_000, it.signal);
  expect(it.clock.nowMs()).toBeGreaterThanOrEqual(70_000);
});

test("a sleep that is given up ends at once", async () => {
  await using it = quick();
  const stop = new AbortController();
  const sleeping = it.clock.sleep(1e12, stop.signal);
  stop.abort(new Error("enough"));
  await expect(sleeping).rejects.toThrow("enough");
});
