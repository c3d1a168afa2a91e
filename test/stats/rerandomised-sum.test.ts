import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextIndex, randomFrom } from "../../src/core/random.ts";
import { type DrawnLevel, rerandomisedSum } from "../../src/core/stats/rerandomised-sum.ts";

/** Levels at a few instants, and which of them was drawn. */
interface Block {
  readonly levels: readonly number[];
  readonly drawn: number;
}
const blockOf = (most: number) =>
  fc
    .array(fc.nat(9), { minLength: 1, maxLength: most })
    .chain((levels) => fc.record({ levels: fc.constant(levels), drawn: fc.nat(levels.length - 1) }));
const counted = ({ levels, drawn }: Block): DrawnLevel => {
  const counts = new Array<number>(Math.max(...levels) + 1).fill(0);
  for (const level of levels) counts[level]! += 1;
  return { counts, drawn: levels[drawn]! };
};

/** Sums of all ∏|T| choices of one instant a block, one by one. */
const allSums = (blocks: readonly Block[]): number[] =>
  blocks.reduce<number[]>((sums, { levels }) => sums.flatMap((sum) => levels.map((level) => sum + level)), [0]);
const observed = (blocks: readonly Block[]): number =>
  blocks.reduce((sum, { levels, drawn }) => sum + levels[drawn]!, 0);

describe("the sum over runs, drawn again inside each block", () => {
  test("counts what going through all choices counts", () =>
    fc.assert(
      fc.property(fc.array(blockOf(6), { minLength: 1, maxLength: 5 }), (blocks) => {
        const sums = allSums(blocks);
        const own = observed(blocks);
        const { atLeast, atMost } = rerandomisedSum(blocks.map(counted));
        expect(atLeast).toBeCloseTo(sums.filter((sum) => sum >= own).length / sums.length, 12);
        expect(atMost).toBeCloseTo(sums.filter((sum) => sum <= own).length / sums.length, 12);
      }),
    ));

  test("is exactly valid: at most a share p of all choices get a p that small", () =>
    fc.assert(
      fc.property(fc.array(blockOf(7), { minLength: 1, maxLength: 3 }), (blocks) => {
        const choices = blocks.reduce<number[][]>(
          (all, { levels }) => all.flatMap((choice) => levels.map((_, i) => [...choice, i])),
          [[]],
        );
        const ps = choices.map(
          (choice) => rerandomisedSum(blocks.map(({ levels }, r) => counted({ levels, drawn: choice[r]! }))).atLeast,
        );
        for (const p of ps)
          expect(ps.filter((other) => other <= p + 1e-12).length / ps.length).toBeLessThanOrEqual(p + 1e-12);
      }),
      { numRuns: 40 },
    ));

  test("agrees with 20,000 draws of our own generator", () => {
    const random = randomFrom(5);
    const blocks = [60, 240, 61].map((size) => ({
      levels: Array.from({ length: size }, () => Math.floor(-8 * Math.log(1 - random.next()))),
      drawn: 0,
    }));
    const worse = blocks.map((block) => ({
      ...block,
      drawn: block.levels.indexOf(Math.max(...block.levels) - 4 > 0 ? block.levels.toSorted((a, b) => b - a)[3]! : 0),
    }));
    for (const runs of [blocks, worse]) {
      const own = observed(runs);
      let asBad = 0;
      for (let i = 0; i < 20_000; i++) {
        const sum = runs.reduce((all, { levels }) => all + levels[nextIndex(levels.length, random)]!, 0);
        if (sum >= own) asBad++;
      }
      const { atLeast } = rerandomisedSum(runs.map(counted));
      expect(Math.abs(asBad / 20_000 - atLeast)).toBeLessThan(4 * Math.sqrt((atLeast * (1 - atLeast)) / 20_000) + 1e-4);
    }
  });

  test("is as fine as the product of the blocks", () => {
    const alone: DrawnLevel = { counts: [239, ...new Array<number>(87).fill(0), 1], drawn: 88 };
    expect(rerandomisedSum([alone, alone, alone]).atLeast / 240 ** -3).toBeCloseTo(1, 9);
  });

  test("of nothing, or of a level that nobody reached, is refused", () => {
    expect(() => rerandomisedSum([])).toThrow("at least one run");
    expect(() => rerandomisedSum([{ counts: [3, 0, 1], drawn: 1 }])).toThrow("no instant is on level 1");
    expect(() => rerandomisedSum([{ counts: [3], drawn: 4 }])).toThrow(RangeError);
  });
});
