import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextIndex, type Random, randomFrom } from "../../src/core/random.ts";
import { type Rank, rankBet } from "../../src/core/stats/rank-bet.ts";
import { unevenSince } from "../../src/core/stats/uneven-since.ts";

const RUN_LENGTH = 400;
const KAPPAS = [0.4, 0.7, 1.5, 2.5];

/** The rank of one of `sizes`, groups of equals, the worst first. */
function rankIn(sizes: readonly number[], group: number): Rank {
  const all = sizes.reduce((a, b) => a + b, 0);
  return { above: sizes.slice(0, group).reduce((a, b) => a + b, 0) / all, tied: sizes[group]! / all };
}

describe("a bet on a rank", () => {
  test("pays 1 on average when every place is as likely, whatever the ties", () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        (sizes, kappa) => {
          const all = sizes.reduce((a, b) => a + b, 0);
          const mean = sizes.reduce((sum, size, i) => sum + (size / all) * rankBet(rankIn(sizes, i), kappa), 0);
          expect(mean).toBeCloseTo(1, 9);
        },
      ),
    ));

  test("on nothing is refused", () => {
    expect(() => rankBet({ above: 0, tied: 0 }, 0.5)).toThrow(RangeError);
    expect(() => rankBet({ above: 0.9, tied: 0.2 }, 0.5)).toThrow(RangeError);
    expect(() => rankBet({ above: 0, tied: 1 }, 0)).toThrow(RangeError);
    expect(() => unevenSince([], 1)).toThrow(RangeError);
  });
});

/**
 * Is there, for each bet, a start from which it won most, and is their mean so large now or was it
 * since?
 */
function obviously(ranks: readonly Rank[]): boolean {
  let by = -1;
  for (let to = 1; to <= ranks.length; to++) {
    const best = KAPPAS.map((kappa) =>
      Math.max(
        ...Array.from({ length: to }, (_, from) =>
          ranks.slice(from, to).reduce((won, rank) => won * rankBet(rank, kappa), 1),
        ),
      ),
    );
    if (best.reduce((a, b) => a + b, 0) / KAPPAS.length >= RUN_LENGTH)
      by = by < 0 ? best.indexOf(Math.max(...best)) : by;
    else if (by >= 0 && best[by]! <= 1) by = -1;
  }
  return by >= 0;
}

/** A rank among 120 minutes; with probability `often` one of the worst 5 %. */
const rankFrom = (random: Random, often = 0): Rank => ({
  above: nextIndex(random.next() < often ? 6 : 120, random) / 120,
  tied: 1 / 120,
});

/** Shams until it cries, at most `most`; it is asked after every tenth. */
function runLength(often: number, seed: number, most: number): number {
  const random = randomFrom(seed);
  const ranks: Rank[] = [];
  while (ranks.length < most && unevenSince(ranks, RUN_LENGTH) === null)
    for (let i = 0; i < 10; i++) ranks.push(rankFrom(random, often));
  return ranks.length;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const seeds = Array.from({ length: 40 }, (_, i) => i + 1);

describe("ranks that should be uniform", () => {
  test("are doubted when the best of all starts says so, until what raised the doubt has gone", () =>
    fc.assert(
      fc.property(fc.array(fc.nat(19), { maxLength: 30 }), (places) => {
        const ranks = places.map((place) => ({ above: (place * place) / 400, tied: 1 / 400 }));
        expect(unevenSince(ranks, RUN_LENGTH) !== null).toBe(obviously(ranks));
      }),
    ));

  test("are wrongly doubted no sooner than promised on average, looked at all the time", () =>
    expect(mean(seeds.map((seed) => runLength(0, seed, 2_000)))).toBeGreaterThan(RUN_LENGTH));

  test.each([
    { name: "every second one is among the worst 5 %", often: 0.5, within: 20 },
    { name: "every fourth one is among the worst 5 %", often: 0.25, within: 60 },
  ])("are doubted within $within on average when $name", ({ often, within }) =>
    expect(mean(seeds.map((seed) => runLength(often, seed, 2_000)))).toBeLessThan(within),
  );

  test("are doubted, too, when they are always calm; it says since when, and is over when they are even again", () => {
    const random = randomFrom(3);
    const even = Array.from({ length: 30 }, (_, i): Rank => ({ above: ((i * 37) % 120) / 120, tied: 1 / 120 }));
    const calm = Array.from({ length: 20 }, (): Rank => ({ above: 0.9 + 0.09 * random.next(), tied: 0.005 }));
    const since = unevenSince([...even, ...calm], RUN_LENGTH);
    expect(since).toBeGreaterThanOrEqual(25);
    expect(since).toBeLessThanOrEqual(31);
    const again = Array.from({ length: 200 }, () => rankFrom(random));
    expect(unevenSince([...calm, ...again], RUN_LENGTH)).toBeNull();
  });
});
