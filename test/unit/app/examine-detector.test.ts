import { expect, test } from "vitest";
import { detectorChecks } from "../../../src/app/doctor/examine-detector.ts";
import type { ExperimentState } from "../../../src/core/model/experiment.ts";
import { DAY_MS } from "../../../src/core/model/units.ts";
import { bench, handClock, world } from "../../support/app.ts";
import { T0 } from "../../support/experiments.ts";
import { experiment, STEADY, TRANSIENT } from "../../support/week.ts";

const sham = (daysAgo: number, judged = STEADY) => experiment({ slotMs: T0 - daysAgo * DAY_MS, sham: true, judged });

async function checksAfter(states: readonly ExperimentState[]) {
  const { deps } = await bench(world());
  const book = {
    ...deps.book,
    between: async (fromMs: number, toMs: number) =>
      states.filter(({ t0Ms }) => t0Ms !== null && fromMs <= t0Ms && t0Ms < toMs),
  };
  return detectorChecks({ ...deps, clock: handClock(T0), book });
}

test("without a sham nothing is known of the error rate, and doctor says how to get to know it", async () => {
  const [check] = await checksAfter([]);
  expect(check).toMatchObject({ ok: true, says: expect.stringContaining("shamShare") });
});

test("a kept promise is told with its interval; shams of long ago do not count", async () => {
  const quiet = Array.from({ length: 19 }, (_, i) => sham(40 - i));
  const [check] = await checksAfter([...quiet, sham(5, TRANSIENT), sham(120, TRANSIENT)]);
  expect(check?.ok).toBe(true);
  expect(check?.says).toMatch(/^1 of 20 shams raised a false alarm \(5 %; 95 % interval .* at most 5 %$/);
});

/** A sham whose minute was the `place`-th worst of 60. */
const placed = (daysAgo: number, place: number): ExperimentState => {
  const counts = new Array<number>(60).fill(1);
  return { ...sham(daysAgo), minutes: [{ test: null, counts, drawn: 60 - place }] };
};

test("minutes of shams that are like others are told with their p", async () => {
  const even = Array.from({ length: 30 }, (_, i) => placed(40 - i, ((i * 37) % 60) + 1));
  const [, check] = await checksAfter(even);
  expect(check).toMatchObject({ what: "minutes of shams", ok: true });
  expect(check?.says).toMatch(/^The minutes of 30 shams looked worse than \d+ % of the others .*p = 0\.\d+\)$/);
});

test("minutes that look worse than others time and again fail the check, though no sham alarmed", async () => {
  const even = Array.from({ length: 20 }, (_, i) => placed(40 - i, ((i * 37) % 60) + 1));
  const worse = [10, 9, 8, 7, 6, 5, 4, 3].map((day) => placed(day, (day % 3) + 1));
  const [alarms, check] = await checksAfter([...even, ...worse]);
  expect(alarms?.ok).toBe(true);
  expect(check).toMatchObject({ ok: false, says: expect.stringContaining("since 2026-02-24 09:15") });
  expect(check?.says).toContain("what else runs at the same minutes");
});

test("without minutes that were kept there is no such check", async () => {
  expect(await checksAfter([sham(3)])).toHaveLength(1);
});

test("a broken one fails the check, and says since when", async () => {
  const loud = [6, 5, 4, 3, 2, 1].map((day) => sham(day, TRANSIENT));
  const [check] = await checksAfter([...[9, 8, 7].map((day) => sham(day)), ...loud]);
  expect(check).toMatchObject({ ok: false, says: expect.stringContaining("since 2026-02-28 09:15") });
});
