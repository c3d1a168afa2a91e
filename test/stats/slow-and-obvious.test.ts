import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  meanInflation,
  partInflation,
  unbiasedLag1,
  varianceLeft,
  worthForVariance,
} from "../../src/core/stats/autocorrelation.ts";
import { benjaminiHochberg } from "../../src/core/stats/benjamini-hochberg.ts";
import { binomialLogLikelihood, boxcar } from "../../src/core/stats/boxcar.ts";
import { confirmed, eValue } from "../../src/core/stats/e-value.ts";
import { kaplanMeier, medianDuration } from "../../src/core/stats/kaplan-meier.ts";
import { normalQuantile, normalUpperTail } from "../../src/core/stats/normal.ts";
import { effectiveRequests, intraStepCorrelation, relativeVariance } from "../../src/core/stats/overdispersion.ts";
import { fitParetoTail } from "../../src/core/stats/pareto-tail.ts";
import { midRanks } from "../../src/core/stats/ranks.ts";
import { scanScales, wholePenalty } from "../../src/core/stats/scan-scales.ts";
import { signedRootBinomial, signedRootPoisson } from "../../src/core/stats/signed-root.ts";
import { sortFloats } from "../../src/core/stats/sort-floats.ts";
import { reachesAsStudent, studentToNormal } from "../../src/core/stats/student-t.ts";
import { swingMoments } from "../../src/core/stats/swing-moments.ts";
import { swingingRoot } from "../../src/core/stats/swinging-root.ts";
import { trimmedShift } from "../../src/core/stats/trimmed-shift.ts";
import { shareDifference, wilson } from "../../src/core/stats/wilson.ts";

fc.configureGlobal({ seed: 20260306 });
const probability = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });

describe("the fast and the obvious agree", () => {
  test("ranks", () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 90, size: "max" }), (values) => {
        const obvious = values.map((x) => {
          const below = values.filter((y) => y < x).length;
          return below + (values.filter((y) => y === x).length + 1) / 2;
        });
        expect([...midRanks(values).ranks]).toEqual(obvious);
      }),
    ));

  test.each([12, 5_000])("sorting %i floats by their bits", (length) =>
    fc.assert(
      fc.property(fc.float32Array({ minLength: 8, maxLength: 40, noNaN: true }), (some) => {
        const values = Float32Array.from({ length }, (_, i) => some[i % some.length]! * Math.cos(i));
        const known = values.map((x) => (Number.isNaN(x) ? 0 : x));
        expect([...sortFloats(known.slice())]).toEqual([...known.slice().sort()]);
      }),
      { numRuns: 20 },
    ),
  );

  test("the variance of a mean of neighbours that resemble each other", () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.double({ min: 0, max: 0.8, noNaN: true }), (steps, lag1) => {
        let sum = 0;
        for (let i = 0; i < steps; i++) for (let j = 0; j < steps; j++) sum += lag1 ** Math.abs(i - j);
        expect(meanInflation(steps, lag1)).toBeCloseTo(sum / steps, 9);
      }),
    ));

  test("what a mean takes along of a variance, and what the variance of neighbours rests on", () =>
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), fc.double({ min: 0, max: 0.8, noNaN: true }), (steps, lag1) => {
        let [sum, squares] = [0, 0];
        for (let i = 0; i < steps; i++) {
          for (let j = 0; j < steps; j++) {
            sum += lag1 ** Math.abs(i - j);
            squares += lag1 ** (2 * Math.abs(i - j));
          }
        }
        expect(varianceLeft(steps, lag1)).toBeCloseTo(1 - sum / steps ** 2, 9);
        expect(worthForVariance(steps, lag1)).toBeCloseTo(steps ** 2 / squares, 9);
      }),
    ));

  test("trimmed shift", () =>
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 12 }),
        (values) => {
          const n = values.length;
          const drop = [0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2][n]!;
          const kept = [...values].sort((a, b) => a - b).slice(drop, n - drop);
          const mean = kept.reduce((a, b) => a + b, 0) / kept.length;
          expect(trimmedShift(Float64Array.from(values))).toBeCloseTo(mean * Math.sqrt(n), 9);
        },
      ),
    ));

  test("Benjamini–Hochberg by its definition", () =>
    fc.assert(
      fc.property(fc.array(probability, { minLength: 1, maxLength: 25 }), probability, (ps, q) => {
        const m = ps.length;
        const sorted = [...ps].sort((a, b) => a - b);
        let k = 0;
        for (let i = 1; i <= m; i++) if (sorted[i - 1]! <= (i * q) / m) k = i;
        expect(benjaminiHochberg(ps, q)).toEqual(ps.map((p) => k > 0 && p <= sorted[k - 1]!));
      }),
    ));

  test("widths of blocks fit into the window, once each, up to all of it, and the fewer places the smaller the penalty", () => {
    for (let steps = 1; steps <= 12; steps++) {
      const scales = scanScales(steps);
      const widths = scales.map(({ width }) => width);
      expect(new Set(widths).size).toBe(widths.length);
      for (const width of widths) expect(width).toBeLessThanOrEqual(steps);
      expect(scales.at(-1)).toEqual({ width: steps, penalty: wholePenalty(steps) });
      const penalties = scales.map(({ penalty }) => penalty);
      expect(penalties).toEqual([...penalties].sort((a, b) => b - a));
    }
    const places = scanScales(10).map(({ width }) => 10 - width + 1);
    expect(places).toEqual([10, 9, 6, 1]);
    expect(scanScales(0)).toEqual([]);
  });
});

describe("properties", () => {
  test("Φ⁻¹ undoes Φ", () =>
    fc.assert(
      fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (z) => {
        expect(-normalQuantile(normalUpperTail(z))).toBeCloseTo(z, z < -5 ? 1 : 6);
      }),
    ));

  test("few steps never make a deviate stronger, and keep its order", () =>
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 30, noNaN: true }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        fc.integer({ min: 3, max: 40 }),
        (z, more, n) => {
          expect(studentToNormal(z, n)).toBeLessThanOrEqual(z + 1e-6);
          expect(studentToNormal(z + more, n)).toBeGreaterThanOrEqual(studentToNormal(z, n) - 1e-6);
        },
      ),
    ));

  test("a signed root has the sign of the surprise and grows with it", () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), probability, (m, p) => {
        const roots = [0, 0.25, 0.5, 0.75, 1].map((share) => signedRootBinomial(m * share, m, p));
        for (let i = 1; i < roots.length; i++) expect(roots[i]!).toBeGreaterThan(roots[i - 1]!);
        expect(Math.abs(signedRootBinomial(m * p, m, p))).toBeLessThan(1e-3);
      }),
    ));

  test("a share that swings surprises less, in the same order, and no less than its swing alone would", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.double({ min: 1e-6, max: 0.9, noNaN: true }),
        fc.double({ min: 1e-3, max: 4, noNaN: true }),
        (m, p, variance) => {
          const roots = [0, 0.25, 0.5, 0.75, 1].map((share) => swingingRoot(m * share, m, p, variance));
          for (let i = 1; i < roots.length; i++) expect(roots[i]!).toBeGreaterThan(roots[i - 1]!);
          [0, 0.25, 0.5, 0.75, 1].forEach((share, i) => {
            const calm = signedRootBinomial(m * share, m, p);
            expect(swingingRoot(m * share, m, p, 0)).toBeCloseTo(calm, 5);
            expect(Math.abs(roots[i]!)).toBeLessThanOrEqual(Math.abs(calm) + 1e-6);
          });
          const swing = Math.log(0.5 / 0.5 / (p / (1 - p))) / Math.sqrt(variance);
          expect(Math.abs(swingingRoot(5e8, 1e9, p, variance) - swing)).toBeLessThan(1e-3 * (1 + Math.abs(swing)));
        },
      ),
    ));

  test("a correlation of few steps is mended upwards, never beyond 0.8, and not where there is none", () => {
    expect(unbiasedLag1(0.5, 30)).toBeCloseTo(16 / 27, 12);
    expect(unbiasedLag1(0.79, 30)).toBe(0.8);
    expect(unbiasedLag1(-0.2, 30)).toBe(0);
    expect(unbiasedLag1(0.5, 3)).toBe(0);
  });

  test("Poisson roots are near normal z for large counts", () => {
    expect(signedRootPoisson(10_100, 10_000)).toBeCloseTo(1, 1);
    expect(signedRootPoisson(0, 8)).toBe(-4);
  });

  test("swings make requests worth less, never more", () =>
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (n, steps, rho) => {
          expect(effectiveRequests(n, steps, rho)).toBeLessThanOrEqual(n + 1e-9);
        },
      ),
    ));

  test("steps that fail whole or not at all are fully correlated; unknown steps say nothing", () => {
    expect(intraStepCorrelation([0, 10, 0, 10], [10, 10, 10, 10], 0.5)).toBe(0.5);
    expect(intraStepCorrelation([5, Number.NaN], [10, Number.NaN], 0.5)).toBe(0);
  });

  test("intervals hold their point", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 500 }),
        probability,
        probability,
        (m0, m1, s0, s1) => {
          const d = shareDifference({ k: m0 * s0, m: m0 }, { k: m1 * s1, m: m1 }, 1.96);
          expect(d.low).toBeLessThanOrEqual(d.point);
          expect(d.high).toBeGreaterThanOrEqual(d.point);
          expect(wilson(m0 * s0, m0, 1.96).low).toBeLessThanOrEqual(s0 + 1e-12);
        },
      ),
    ));
});

describe("onset and end", () => {
  const failures = { logLikelihood: binomialLogLikelihood, higher: true, dispersion: 1 };
  test("a clean outage is found to the step", () => {
    const n = new Float64Array(40).fill(100);
    const k = Float64Array.from({ length: 40 }, (_, i) => (i >= 22 && i < 30 ? 40 : 0));
    expect(boxcar(k, n, 20, failures)).toMatchObject({
      from: 22,
      to: 30,
      fromRange: { low: 22, high: 22 },
      toRange: { low: 30, high: 30 },
    });
  });

  test("an outage that goes on ends at the end", () => {
    const n = new Float64Array(30).fill(100);
    const k = Float64Array.from({ length: 30 }, (_, i) => (i >= 20 ? 50 : 1));
    expect(boxcar(k, n, 20, failures)).toMatchObject({ from: 20, to: 30 });
  });

  test("nothing on the bad side is no outage", () => {
    expect(boxcar(new Float64Array(10), new Float64Array(10).fill(5), 5, failures)).toBeNull();
  });
});

test("the tail fit finds the tail it was drawn from", () => {
  const uniform = Array.from({ length: 20_000 }, (_, i) => (i + 0.5) / 20_000);
  const drawn = uniform.map((u) => (2 / 0.2) * ((1 - u) ** -0.2 - 1));
  const fit = fitParetoTail(drawn);
  expect(fit.shape).toBeCloseTo(0.2, 1);
  expect(fit.scale).toBeCloseTo(2, 1);
  expect(fitParetoTail([1, 1, 1, 1]).shape).toBe(0);
});

test("Kaplan–Meier on the remission times of Freireich (1963) gives the published survival and median", () => {
  const ended = [6, 6, 6, 7, 10, 13, 16, 22, 23].map((ms) => ({ ms, ended: true }));
  const open = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map((ms) => ({ ms, ended: false }));
  const steps = kaplanMeier([...ended, ...open]);
  expect(steps.map((s) => [s.ms, Math.round(s.survival * 1_000) / 1_000])).toEqual([
    [6, 0.857],
    [7, 0.807],
    [10, 0.753],
    [13, 0.69],
    [16, 0.627],
    [22, 0.538],
    [23, 0.448],
  ]);
  expect(medianDuration([...ended, ...open])).toMatchObject({ ms: 23, lowMs: 13, highMs: null });
});

test("counts of 10, 20 and 30 swing by a fifth beyond chance, squared", () => {
  expect(relativeVariance(60, 1_400, 3, 0)).toBeCloseTo(0.2, 12);
  expect(relativeVariance(60, 1_400, 3, 0.3)).toBe(0.3);
});

test("counts of 30, 30, 10 and 10 where 20 are expected swing by a fifth beyond chance, squared, and share a third of the squared deviations with their neighbours", () => {
  const { swing, shared } = swingMoments([30, 30, 10, 10], [20, 20, 20, 20], 1);
  expect(swing).toBeCloseTo(0.2, 12);
  expect(shared).toBeCloseTo(1 / 12, 12);
  expect(swingMoments([30, Number.NaN, 10], [20, 20, 20], 1).shared).toBe(0);
  expect(swingMoments([], [], 1)).toEqual({ swing: 0, shared: 0 });
});

test("a deviate reaches a tail as Student's t exactly where its normal equivalent does", () =>
  fc.assert(
    fc.property(
      fc.double({ min: -4, max: 12, noNaN: true }),
      fc.integer({ min: 2, max: 60 }),
      fc.double({ min: -2, max: 5, noNaN: true }),
      (z, steps, needed) => {
        const equivalent = studentToNormal(z, steps);
        fc.pre(Math.abs(equivalent - needed) > 1e-6);
        expect(reachesAsStudent(needed, steps)(z)).toBe(equivalent > needed);
      },
    ),
  ));

test("the mean of steps that are part swing and part chance varies as much as both together, and all swing is what was known before", () => {
  const [part, lag1] = [0.3, 0.7];
  const correlation = (a: number, b: number): number => (a === b ? 1 : part * lag1 ** Math.abs(a - b));
  const steps = Array.from({ length: 10 }, (_, i) => i);
  const all = steps.flatMap((a) => steps.map((b) => correlation(a, b))).reduce((sum, x) => sum + x, 0);
  expect(partInflation(10, part, lag1)).toBeCloseTo(all / 10, 12);
  expect(partInflation(10, 1, lag1)).toBeCloseTo(meanInflation(10, lag1), 12);
});

test("two runs at p = 0.001 are evidence of 250, and the strongest suspects are confirmed first", () => {
  expect(eValue(0.001) ** 2).toBeCloseTo(250, 6);
  expect(confirmed([250, 3, 1], 0.05)).toEqual([true, false, false]);
});

test("Pearson's deviate bounds the signed root from above where a share of at most a quarter is exceeded", () =>
  fc.assert(
    fc.property(
      fc.double({ min: 0.5, max: 5_000, noNaN: true }),
      fc.double({ min: 1e-6, max: 0.25, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (m, p, u) => {
        const k = m * (p + (1 - p) * u);
        const pearson = (k - m * p) / Math.sqrt(m * p * (1 - p));
        expect(signedRootBinomial(k, m, p)).toBeLessThanOrEqual(pearson + 1e-6);
      },
    ),
    { numRuns: 2_000 },
  ));
