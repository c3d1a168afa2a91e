import { describe, expect, test } from "vitest";
import { type Lifetime, medianLifetime } from "../../../src/core/report/kaplan-meier.ts";

const of = (...times: (number | string)[]): Lifetime[] =>
  times.map((t) => (typeof t === "number" ? { ms: t, censored: false } : { ms: Number.parseFloat(t), censored: true }));

describe("the median lifetime", () => {
  // Freireich et al. (1963), remission in weeks under 6-MP; R's survfit(conf.type = "log-log") gives 23 [13, NA]
  test("of the classic example agrees with R", () => {
    const leukaemia = of(
      6,
      6,
      6,
      "6+",
      7,
      "9+",
      10,
      "10+",
      "11+",
      13,
      16,
      "17+",
      "19+",
      "20+",
      22,
      23,
      "25+",
      "32+",
      "32+",
      "34+",
      "35+",
    );
    expect(medianLifetime(leukaemia)).toEqual({ medianMs: 23, lowMs: 13, highMs: null, ended: 9, censored: 12 });
  });

  // the placebo arm of the same trial: 8 [4, 11]
  test("without anything censored agrees with R", () => {
    const placebo = of(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23);
    expect(medianLifetime(placebo)).toEqual({ medianMs: 8, lowMs: 4, highMs: 11, ended: 21, censored: 0 });
  });

  test.each([
    { name: "nothing", lifetimes: [], medianMs: null },
    { name: "one that ended", lifetimes: of(5), medianMs: 5 },
    { name: "one that has not", lifetimes: of("5+"), medianMs: null },
    { name: "half ended", lifetimes: of(5, "9+"), medianMs: 5 },
    { name: "one in three ended", lifetimes: of(5, "9+", "9+"), medianMs: null },
  ])("of $name is $medianMs", ({ lifetimes, medianMs }) => expect(medianLifetime(lifetimes).medianMs).toBe(medianMs));

  test("leaving out what has not ended would look faster", () => {
    const seen = of(10, 20, "300+", "300+", 40);
    expect(medianLifetime(seen).medianMs).toBeGreaterThan(
      medianLifetime(seen.filter((l) => !l.censored)).medianMs ?? 0,
    );
  });
});
