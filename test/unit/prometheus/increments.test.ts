import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addCounter, type Tracks } from "../../../src/adapters/prometheus/read/increments.ts";
import type { Grid } from "../../../src/core/model/series.ts";

const GRID: Grid = { startMs: 1_000_000, stepMs: 60_000, steps: 4 };

function tracksFor(grid: Grid): Tracks & { readonly count: Float64Array } {
  const array = (): Float64Array => new Float64Array(grid.steps);
  const count = array();
  return {
    afterMs: grid.startMs,
    count,
    counts: [count],
    expected: array(),
    covered: array(),
    resets: new Uint8Array(grid.steps),
    unknown: new Uint8Array(grid.steps),
  };
}

/** `[seconds after the grid's start, value]`, as samples. */
function read(pairs: readonly (readonly [number, number])[], grid = GRID) {
  const tracks = tracksFor(grid);
  const walked = addCounter(
    {
      timesMs: Float64Array.from(pairs, ([second]) => grid.startMs + second * 1000),
      values: Float64Array.from(pairs, ([, value]) => value),
      n: pairs.length,
    },
    grid,
    tracks,
    15_000,
  );
  return { ...tracks, walked };
}
const every15s = (values: readonly number[], from = -15): (readonly [number, number])[] =>
  values.map((value, i) => [from + 15 * i + 7, value] as const);

describe("a counter", () => {
  test("counts what grew since the last sample before the grid, in the step of the scrape", () => {
    expect([...read(every15s([10, 11, 13, 13, 14, 20])).count]).toEqual([4, 6, 0, 0]);
  });

  test("counts a sample at a boundary for the step that ends there", () => {
    expect([
      ...read([
        [-15, 1],
        [0, 2],
        [15, 4],
        [30, 4],
        [45, 4],
        [60, 9],
        [75, 10],
      ]).count,
    ]).toEqual([7, 1, 0, 0]);
  });

  test("that begins anew counts its new value in full", () => {
    const { count, resets } = read(every15s([100, 110, 3, 5]));
    expect([...count]).toEqual([15, 0, 0, 0]);
    expect([...resets]).toEqual([1, 0, 0, 0]);
  });

  test("is spread evenly over lost scrapes, which are known to be lost", () => {
    const { count, covered, expected } = read([
      [-8, 0],
      [7, 10],
      [22, 20],
      [37, 30],
      [112, 80],
      [127, 90],
      [142, 100],
    ]);
    expect([...count]).toEqual([40, 40, 20, 0]);
    expect([...expected]).toEqual([4, 4, 2, 0]);
    expect([...covered]).toEqual([3, 1, 2, 0]);
  });

  test("whose scrape interval was changed has lost nothing", () => {
    const pairs = [-8, 7, 22, 37, 52, 82, 112, 142, 172, 202, 232].map((second) => [second, second + 100] as const);
    const { covered, expected } = read(pairs);
    expect([...covered].slice(1)).toEqual([...expected].slice(1));
  });

  test.each([
    { name: "NaN", bad: [7, Number.NaN] as const },
    { name: "+Inf", bad: [7, Number.POSITIVE_INFINITY] as const },
    { name: "a negative value", bad: [7, -4] as const },
    { name: "a sample twice", bad: [-8, 12] as const },
    { name: "a sample from the past", bad: [-80, 12] as const },
  ])("passes over $name", ({ bad }) => {
    expect([...read([[-8, 10], bad, [22, 15], [37, 16]]).count]).toEqual([6, 0, 0, 0]);
  });

  test("of which nothing is left is none", () => {
    expect(read([[7, Number.NaN]]).walked).toBeNull();
    expect(read([]).walked).toBeNull();
  });

  test("read in overlapping pieces is the same as read at once", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { minLength: 20, maxLength: 20 }),
        fc.integer({ min: 0, max: 3 }),
        (grown, cut) => {
          let value = 0;
          const pairs = grown.map((by, i) => {
            value += by;
            return [15 * i - 30 + 7, value] as const;
          });
          const whole = read(pairs);
          const pieces = tracksFor(GRID);
          const cutMs = GRID.startMs + cut * GRID.stepMs;
          const part = (keep: (ms: number) => boolean, afterMs: number): void => {
            const kept = pairs.filter(([second]) => keep(GRID.startMs + second * 1000));
            const timesMs = Float64Array.from(kept, ([second]) => GRID.startMs + second * 1000);
            const values = Float64Array.from(kept, ([, one]) => one);
            addCounter({ timesMs, values, n: kept.length }, GRID, { ...pieces, afterMs }, 15_000);
          };
          part((ms) => ms <= cutMs, GRID.startMs);
          part((ms) => ms > cutMs - 60_000, cutMs);
          expect([...pieces.count]).toEqual([...whole.count]);
          expect([...pieces.expected]).toEqual([...whole.expected]);
        },
      ),
    );
  });

  test("never counts more than it grew, whatever it looks like", () => {
    const sample = fc.tuple(fc.integer({ min: -200, max: 400 }), fc.oneof(fc.nat(1000), fc.double()));
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 40 }), (pairs) => {
        const { count, covered, expected } = read(pairs);
        const bound = pairs.reduce((sum, [, value]) => sum + (value > 0 && Number.isFinite(value) ? value : 0), 0);
        const total = count.reduce((a, b) => a + b, 0);
        expect(count.every((n) => n >= 0)).toBe(true);
        expect(total).toBeLessThanOrEqual(bound * (1 + 1e-9) + 1e-9);
        expect(covered.every((n, i) => n <= expected[i]!)).toBe(true);
      }),
    );
  });
});
