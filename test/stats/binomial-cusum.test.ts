import fc from "fast-check";
import { expect, test } from "vitest";
import { randomFrom } from "../../src/core/random.ts";
import { overdueSince } from "../../src/core/stats/binomial-cusum.ts";

const RATES = { promised: 0.05, worse: 0.15, runLength: 400 };

/**
 * Is there a start from which the outcomes are 400 times as likely at the worse rate, and has the
 * evidence not gone since?
 */
function obviously(outcomes: readonly boolean[]): boolean {
  const gain = (hit: boolean) => Math.log(hit ? 0.15 / 0.05 : 0.85 / 0.95);
  const fromTo = (from: number, to: number) => outcomes.slice(from, to).reduce((sum, hit) => sum + gain(hit), 0);
  let cried = false;
  for (let to = 1; to <= outcomes.length; to++) {
    const best = Math.max(0, ...Array.from({ length: to }, (_, from) => fromTo(from, to)));
    if (best === 0) cried = false;
    else if (best >= Math.log(400)) cried = true;
  }
  return cried;
}

test("the running sum and the best of all starts cry together", () =>
  fc.assert(
    fc.property(fc.array(fc.nat(3), { maxLength: 60 }), (draws) => {
      const outcomes = draws.map((draw) => draw === 0);
      expect(overdueSince(outcomes, RATES) !== null).toBe(obviously(outcomes));
    }),
  ));

test("it says since when", () => {
  const quiet = Array.from({ length: 40 }, () => false);
  const loud = Array.from({ length: 8 }, () => true);
  expect(overdueSince([...quiet, ...loud], RATES)).toBe(40);
  expect(overdueSince([true, ...quiet, ...loud, false], RATES)).toBe(41);
  expect(overdueSince([...loud, ...Array.from({ length: 90 }, () => false)], RATES)).toBeNull();
});

/** Outcomes until it cries, at most `most`; it is asked after every tenth. */
function runLength(rate: number, seed: number, most: number): number {
  const random = randomFrom(seed);
  const outcomes: boolean[] = [];
  while (outcomes.length < most && overdueSince(outcomes, RATES) === null)
    for (let i = 0; i < 10; i++) outcomes.push(random.next() < rate);
  return outcomes.length;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test("a kept promise is doubted no sooner than promised on average, a rate of 30 % within a month of daily shams", () => {
  const seeds = Array.from({ length: 40 }, (_, i) => i + 1);
  expect(mean(seeds.map((seed) => runLength(0.05, seed, 1_500)))).toBeGreaterThan(400);
  expect(mean(seeds.map((seed) => runLength(0.3, seed, 1_500)))).toBeLessThan(36);
});

test.each([
  { promised: 0, worse: 0.1, runLength: 400 },
  { promised: 0.2, worse: 0.1, runLength: 400 },
  { promised: 0.05, worse: 0.15, runLength: 1 },
])("rates that make no sense are refused: %o", (rates) => expect(() => overdueSince([], rates)).toThrow(RangeError));
