import { describe, expect, test } from "vitest";
import { commonChange } from "../../../src/core/judge/history/common-change.ts";
import { judge, nullBook } from "../../../src/core/judge/judge.ts";
import type { Observation } from "../../../src/core/model/series.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import { DEMO, inputOf, observe, T0 } from "./scenario.ts";

const SHAPE = { before: 10, early: 5, lateFrom: 3, late: 5 };
const SERVICES = [
  { service: "shop/web", rps: () => 5, failing: () => 0.01 },
  { service: "shop/cart", rps: () => 2, failing: () => 0.002 },
];
const START_MS = T0 - 3 * DAY_MS;
const STEPS = (2 * DAY_MS) / MINUTE_MS;
const week = observe(SERVICES, { startMs: START_MS, stepMs: MINUTE_MS, steps: STEPS }, 7);

/** Steps `[from, to)` of the days above. */
function part(from: number, to: number): Observation {
  const cut = <T extends { subarray(from: number, to: number): T }>(x: T): T => x.subarray(from, to);
  return {
    ...week,
    grid: { startMs: START_MS + from * MINUTE_MS, stepMs: MINUTE_MS, steps: to - from },
    services: week.services.map((s) => ({
      ...s,
      requests: s.requests.subarray(from, to),
      failures: s.failures.subarray(from, to),
      valid: cut(s.valid),
      latency: s.latency && {
        ...s.latency,
        successes: s.latency.successes.subarray(from, to),
        slow: s.latency.slow.map((row) => row.subarray(from, to)),
      },
    })),
  };
}

const scoresOf = (nulls: ReturnType<ReturnType<typeof nullBook>["nulls"]>, key: string) => {
  const one = [...nulls.bySignal.values()].find((s) => s.key.startsWith(key))!;
  const at = Array.from(one.positions.steps, (step) => nulls.startMs + step * nulls.stepMs);
  return new Map(at.map((ms, i) => [ms, one.components.shift!.scores[i]!]));
};

describe("nulls that are kept", () => {
  test("grow with the history, and forget with it: old scores stay, new ones are what a new book finds", () => {
    const book = nullBook();
    const first = scoresOf(book.nulls(part(0, 2_400), SHAPE, []), "shop/web failures");
    const later = scoresOf(book.nulls(part(200, 2_600), SHAPE, []), "shop/web failures");
    const anew = scoresOf(nullBook().nulls(part(200, 2_600), SHAPE, []), "shop/web failures");
    expect(Math.min(...later.keys())).toBeGreaterThanOrEqual(START_MS + 200 * MINUTE_MS);
    expect(Math.max(...later.keys())).toBeGreaterThan(Math.max(...first.keys()));
    expect(later.size).toBeGreaterThan(first.size - 200);
    for (const [ms, score] of later) {
      if (first.has(ms)) expect(score).toBe(first.get(ms));
      const other = anew.get(ms);
      if (other !== undefined) expect(score).toBeCloseTo(other, 0);
    }
  });

  test("never hold what came after the window that is judged", () => {
    const book = nullBook();
    book.nulls(part(0, 2_800), SHAPE, []);
    const earlier = scoresOf(book.nulls(part(0, 2_500), SHAPE, []), "shop/cart failures");
    expect(Math.max(...earlier.keys())).toBeLessThan(START_MS + 2_500 * MINUTE_MS);
  });

  test("leave out times that are excluded", () => {
    const from = START_MS + 1_000 * MINUTE_MS;
    const excluded = [{ fromMs: from, toMs: from + HOUR_MS }];
    const kept = scoresOf(nullBook().nulls(part(0, 2_400), SHAPE, excluded), "shop/web rate");
    const reachMs = (SHAPE.lateFrom + SHAPE.late) * MINUTE_MS;
    expect(
      [...kept.keys()].filter((ms) => ms + reachMs > from && ms - SHAPE.before * MINUTE_MS < from + HOUR_MS),
    ).toEqual([]);
    expect(kept.size).toBeGreaterThan(500);
  });

  test("go on from the pages of an earlier book", () => {
    const book = nullBook();
    book.nulls(part(0, 2_400), SHAPE, []);
    const pages = structuredClone(book.pages());
    const here = scoresOf(book.nulls(part(0, 2_500), SHAPE, []), "shop/web latency");
    const there = scoresOf(nullBook(pages).nulls(part(0, 2_500), SHAPE, []), "shop/web latency");
    expect(there).toEqual(here);
  });
});

describe("what all services do together", () => {
  const others = (rps: (atMs: number) => number) =>
    Array.from({ length: 24 }, (_, i) => ({ service: `other/service-${i}`, rps }));
  const fallsAt = (share: number) => (atMs: number) => (atMs >= T0 ? 10 * share : 10);
  const asked = (all: number, target: number) =>
    judge(
      inputOf({
        services: [{ service: "go-app/go-app", rps: fallsAt(target) }, ...others(fallsAt(all))],
        geometry: DEMO,
        historyDays: 2,
      }),
    ).verdicts.find((v) => v.service === "go-app/go-app" && v.signal === "rate")!;

  test("is not put down to the service that was hit", () => {
    expect(asked(0.5, 0.5).p).toBeGreaterThan(0.05);
  });

  test("does not hide a service that falls alone", () => {
    expect(asked(1, 0.5).verdict.kind).toBe("persistent");
  });

  test("is the median of what the bystanders did, one by one step", () => {
    const valid = new Uint8Array(10).fill(1);
    const bystanders = Array.from({ length: 21 }, (_, i) => ({
      n: Float64Array.from({ length: 10 }, (__, t) => (t < 5 ? 99 : 49 + (i === 0 ? 1_000 : 0))),
      valid,
      t0: 2,
      expected: { perStep: 99, n0: 1_000 },
    }));
    expect(Array.from(commonChange(bystanders, { before: 2, early: 5, lateFrom: 6, late: 2 }))).toEqual([
      1, 1, 1, 0.5, 0.5, 0.5, 0.5,
    ]);
    expect(Array.from(commonChange(bystanders.slice(2), { before: 2, early: 2, lateFrom: 2, late: 0 }))).toEqual([
      1, 1,
    ]);
  });
});
