import { expect, test } from "vitest";
import { pick, pickWeighted, randomFrom, seedOf } from "../../../src/core/random.ts";

test("the same seed gives the same numbers, for ever", () => {
  const first = (seed: number) =>
    Array.from(
      { length: 3 },
      (
        (random) => () =>
          random.next()
      )(randomFrom(seed)),
    );
  expect(first(1)).toEqual(first(1));
  expect(first(1)).not.toEqual(first(2));
  expect(seedOf("go-app-pods-20260306T091500Z")).toBe(1003621537);
  expect(randomFrom(1).next()).toBe(0.10380351494605067);
});

test("the first numbers of neighbouring seeds are uniform and unrelated", () => {
  const firsts = Array.from({ length: 20_000 }, (_, seed) => randomFrom(seed).next());
  const mean = firsts.reduce((sum, x) => sum + x, 0) / firsts.length;
  const lagged = firsts.slice(1).map((x, i) => (x - 0.5) * ((firsts[i] ?? 0) - 0.5));
  const correlation = (12 * lagged.reduce((sum, x) => sum + x, 0)) / lagged.length;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.007);
  expect(Math.abs(correlation)).toBeLessThan(0.025);
});

test("texts that differ in one character have unrelated seeds", () => {
  const bits = Array.from({ length: 1_000 }, (_, i) => seedOf(`slot/${i}`) ^ seedOf(`slot/${i + 1}`));
  const ones = bits.map((x) => (x >>> 0).toString(2).replaceAll("0", "").length);
  expect(ones.reduce((sum, n) => sum + n, 0) / ones.length).toBeCloseTo(16, 0);
});

test("weights decide how often something is drawn; weight 0 never is", () => {
  const random = randomFrom(3);
  const counts = { a: 0, b: 0, c: 0 };
  const weights = { a: 3, b: 1, c: 0 };
  for (let i = 0; i < 8_000; i++) {
    const drawn = pickWeighted(["a", "b", "c"] as const, (one) => weights[one], random);
    if (drawn !== undefined) counts[drawn]++;
  }
  expect(counts.c).toBe(0);
  expect(counts.a / 8_000).toBeCloseTo(0.75, 1);
});

test("nothing is drawn from nothing", () => {
  expect(pick([], randomFrom(1))).toBeUndefined();
  expect(pickWeighted([], () => 1, randomFrom(1))).toBeUndefined();
  expect(pickWeighted(["a"], () => 0, randomFrom(1))).toBeUndefined();
});
