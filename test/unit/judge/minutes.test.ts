import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { finalLook } from "../../../src/core/judge/design/final-look.ts";
import { minuteScores } from "../../../src/core/judge/design/levels.ts";
import type { MinuteScores } from "../../../src/core/model/minutes.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import { nextIndex, randomFrom } from "../../../src/core/random.ts";
import { rerandomisedSum } from "../../../src/core/stats/rerandomised-sum.ts";
import { type Behaviour, DEMO, observe, T0 } from "./scenario.ts";

const TEST = { service: "shop/cart", signal: "failures" } as const;
const kept = (scores: readonly number[], drawn: number): MinuteScores | null =>
  minuteScores(TEST, { scores: Float64Array.from(scores), drawn });
const minutesOf = ({ counts }: MinuteScores): number => counts.reduce((sum, count) => sum + count, 0);

describe("what is kept of the minutes of a draw", () => {
  test("is how many reached which level, and the level of the one that was drawn", () =>
    expect(kept([-5, -2, 0, 0.26, 1, 1], 3)).toEqual({
      test: TEST,
      counts: [2, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 2],
      drawn: 9,
    }));

  test("leaves out what is not known, and is nothing when the drawn minute is not", () => {
    expect(minutesOf(kept([1, Number.NaN, 2], 2)!)).toBe(2);
    expect(kept([1, Number.NaN, 2], 1)).toBeNull();
  });

  test("never ranks the drawn minute better than its score did, and stays small", () =>
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 480 }), (scores) => {
        const minutes = kept(scores, 0)!;
        const asBad = minutes.counts.slice(minutes.drawn).reduce((sum, count) => sum + count, 0);
        expect(asBad).toBeGreaterThanOrEqual(scores.filter((score) => score >= scores[0]!).length);
        expect(minutesOf(minutes)).toBe(scores.length);
        expect(JSON.stringify(minutes).length).toBeLessThan(450);
      }),
    ));

  test("put together over runs, is wrong at most as often as it says, with swings that last, a trend and an incident in it", () => {
    const random = randomFrom(17);
    let swing = 0;
    const blocks = [60, 240, 120].map((size) =>
      Array.from({ length: size }, (_, i) => {
        swing = 0.95 * swing + 0.3 * (random.next() + random.next() + random.next() - 1.5);
        return swing + i / size + (i > 20 && i < 40 ? 6 : 0);
      }),
    );
    const ps = Array.from({ length: 4_000 }, () => {
      const runs = blocks.map((scores) => kept(scores, nextIndex(scores.length, random))!);
      return rerandomisedSum(runs).atLeast;
    });
    for (const level of [0.05, 0.01, 0.5]) {
      const slack = 3 * Math.sqrt((level * (1 - level)) / ps.length);
      expect(ps.filter((p) => p <= level).length / ps.length).toBeLessThan(level + slack);
    }
  });
});

const rps = () => 20;
const bad = (fromMs: number) => (atMs: number) => (atMs >= fromMs && atMs < fromMs + 3 * MINUTE_MS ? 0.5 : 0);
const SERVICES: readonly Behaviour[] = [
  { service: "go-app/go-app", rps, failing: bad(T0) },
  { service: "go-app/repeater", rps, failing: bad(T0 + HOUR_MS) },
  { service: "shop/cart", rps },
];
const look = {
  verdicts: [],
  suspected: [],
  sham: [],
  history: observe(SERVICES, { startMs: T0 - 2 * DAY_MS, stepMs: MINUTE_MS, steps: 51 * 60 }, 1),
  drawn: {
    slotMs: T0,
    t0Ms: T0 + 2_000,
    candidates: { fromMs: T0 - HOUR_MS, toMs: T0 + 2 * HOUR_MS },
    geometry: DEMO,
    observedToMs: T0 + 20 * MINUTE_MS,
  },
  taken: [],
};
const asBadAs = ({ counts, drawn }: MinuteScores): number => counts.slice(drawn).reduce((sum, count) => sum + count, 0);

describe("a last look", () => {
  test("keeps what was suspected before, however it looks, with fewer than 240 minutes, too", () => {
    const suspected = [
      { service: "go-app/go-app", signal: "failures" },
      { service: "go-app/repeater", signal: "failures" },
    ] as const;
    const { checks, minutes } = finalLook({ ...look, suspected });
    expect(checks).toEqual([]);
    expect(minutes.map(({ test: of }) => of)).toEqual(suspected);
    const [hurt, calm] = minutes;
    expect(minutesOf(hurt!)).toBe(180);
    expect(asBadAs(hurt!)).toBeLessThan(12);
    expect(asBadAs(calm!)).toBeGreaterThan(20);
  });

  test("keeps of a sham the worst of everything that has to do with the target", () => {
    const [hurt] = finalLook({ ...look, sham: ["go-app/go-app", "shop/cart"] }).minutes;
    expect(hurt?.test).toBeNull();
    expect(asBadAs(hurt!)).toBeLessThan(12);
    const [calm] = finalLook({ ...look, sham: ["go-app/repeater", "shop/cart"] }).minutes;
    expect(asBadAs(calm!)).toBeGreaterThan(5);
  });

  test("keeps nothing of who is not in the history, and no minute that another experiment disturbed", () => {
    expect(
      finalLook({ ...look, suspected: [{ service: "shop/gone", signal: "failures" }], sham: ["x/y"] }).minutes,
    ).toEqual([]);
    const taken = [{ fromMs: T0 + HOUR_MS, toMs: T0 + 90 * MINUTE_MS }];
    const [minutes] = finalLook({ ...look, taken, suspected: [{ service: "shop/cart", signal: "failures" }] }).minutes;
    expect(minutesOf(minutes!)).toBeLessThan(150);
  });
});
