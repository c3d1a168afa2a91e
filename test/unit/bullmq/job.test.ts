import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs, delayMs, jobId } from "../../../src/adapters/bullmq/job.ts";

test("ids differ when key or time differ, and BullMQ accepts each: no colon, no number", () =>
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), fc.maxSafeInteger(), (a, b, atMs) => {
      const id = jobId({ key: a, atMs, putOff: 0 });
      expect(id).toMatch(/^wake-[A-Za-z0-9_-]*-?\d+$/);
      expect(jobId({ key: a, atMs, putOff: 0 })).toBe(id);
      expect(jobId({ key: a, atMs, putOff: 1 })).not.toBe(id);
      expect(jobId({ key: a, atMs: atMs === 0 ? 1 : 0, putOff: 0 })).not.toBe(id);
      if (a !== b) expect(jobId({ key: b, atMs, putOff: 0 })).not.toBe(id);
    }),
  ));

test.each([
  { name: "a minute ahead", atMs: 60_000, speed: 1, delay: 60_000 },
  { name: "a minute ahead on a clock that runs 240 times as fast", atMs: 60_000, speed: 240, delay: 250 },
  { name: "a part of a millisecond: never early", atMs: 241, speed: 240, delay: 2 },
  { name: "now", atMs: 0, speed: 1, delay: 0 },
  { name: "in the past", atMs: -5_000, speed: 240, delay: 0 },
])("$name", ({ atMs, speed, delay }) => expect(delayMs(atMs, 0, speed)).toBe(delay));

test("back-off doubles up to a minute, on a faster clock in shorter real time", () => {
  expect([1, 2, 3, 7, 100].map((attempt) => backoffMs(attempt, 1))).toEqual([1_000, 2_000, 4_000, 60_000, 60_000]);
  expect(backoffMs(1, 240)).toBe(5);
});
