import { describe, expect, test } from "vitest";
import { type Duration, medianDuration } from "../../src/core/stats/kaplan-meier.ts";

const of = (...times: (number | string)[]): Duration[] =>
  times.map((t) => (typeof t === "number" ? { ms: t, ended: true } : { ms: Number.parseFloat(t), ended: false }));

describe("the median duration", () => {
  // Freireich et al. (1963), remission in weeks under 6-MP; R's survfit(conf.type = "log-log")
  // gives 23 [13, NA]
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
    expect(medianDuration(leukaemia)).toEqual({ ms: 23, lowMs: 13, highMs: null });
  });

  // R: survfit(Surv(c(1, 2, 3, 4)) ~ 1) has 2.5, with the last two censored 2: survival:::survmean
  // takes the middle of a flat segment at 0.5
  test.each([
    { name: "is the middle of a flat segment at 0.5 that a later event ends", runs: of(1, 2, 3, 4), ms: 2.5 },
    { name: "is its start when no later event ends it", runs: of(1, 2, "3+", "4+"), ms: 2 },
    { name: "does not end the segment at what was censored", runs: of(1, 2, "3+", 4), ms: 3 },
    { name: "is an event where the curve jumps over 0.5", runs: of(1, 2, 3), ms: 2 },
  ])("$name", ({ runs, ms }) => {
    expect(medianDuration(runs).ms).toBe(ms);
  });

  // the placebo arm of the same trial: 8 [4, 11]
  test("without anything censored agrees with R", () => {
    const placebo = of(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23);
    expect(medianDuration(placebo)).toEqual({ ms: 8, lowMs: 4, highMs: 11 });
  });

  test.each([
    { name: "nothing", durations: [], ms: null },
    { name: "one that ended", durations: of(5), ms: 5 },
    { name: "one that has not", durations: of("5+"), ms: null },
    { name: "half ended", durations: of(5, "9+"), ms: 5 },
    { name: "one in three ended", durations: of(5, "9+", "9+"), ms: null },
  ])("of $name is $ms", ({ durations, ms }) => expect(medianDuration(durations).ms).toBe(ms));

  test("leaving out what has not ended would look faster", () => {
    const seen = of(10, 20, "300+", "300+", 40);
    expect(medianDuration(seen).ms).toBeGreaterThan(medianDuration(seen.filter((one) => one.ended)).ms ?? 0);
  });
});
