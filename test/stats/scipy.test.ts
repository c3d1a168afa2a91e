import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rankAutocorrelation } from "../../src/core/stats/autocorrelation.ts";
import { criticalP } from "../../src/core/stats/benjamini-hochberg.ts";
import { betaBinomialUpperTail } from "../../src/core/stats/beta-binomial.ts";
import { logIncompleteBeta } from "../../src/core/stats/incomplete-beta.ts";
import { logBeta, logGamma } from "../../src/core/stats/log-gamma.ts";
import { mannWhitneyDeviate } from "../../src/core/stats/mann-whitney.ts";
import { medianSpread } from "../../src/core/stats/median-spread.ts";
import { logNormalUpperTail, normalQuantile, Z_ONE_SIDED, Z_TWO_SIDED } from "../../src/core/stats/normal.ts";
import { paretoUpperTail } from "../../src/core/stats/pareto-tail.ts";
import { quantileOf } from "../../src/core/stats/quantile.ts";
import { rerandomisedSum } from "../../src/core/stats/rerandomised-sum.ts";
import { signedRootBinomial, signedRootPoisson } from "../../src/core/stats/signed-root.ts";
import { logStudentUpperTail, studentToNormal } from "../../src/core/stats/student-t.ts";
import { swingingRoot } from "../../src/core/stats/swinging-root.ts";
import { wilson } from "../../src/core/stats/wilson.ts";

const path = new URL("../../fixtures/stats/scipy-values.json", import.meta.url);
const values = JSON.parse(readFileSync(path, "utf8")) as Record<string, never[][]>;
const rows = <T extends unknown[]>(name: string) => values[name] as unknown as T[];

/** Relative where values are large, absolute where they are small. */
function close(actual: number, expected: number, tolerance: number, what: string) {
  expect(
    Math.abs(actual - expected) / Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, not ${expected}`,
  ).toBeLessThan(tolerance);
}

test.each<[string, (row: number[]) => number, number]>([
  ["normal_log_upper_tail", ([z]) => logNormalUpperTail(z!), 1e-12],
  ["normal_quantile", ([p]) => normalQuantile(p!), 1e-8],
  ["student_log_upper_tail", ([t, df]) => logStudentUpperTail(t!, df!), 1e-10],
  ["student_to_normal", ([t, n]) => studentToNormal(t!, n!), 1e-9],
  ["log_gamma", ([x]) => logGamma(x!), 1e-13],
  ["log_beta", ([a, b]) => logBeta(a!, b!), 1e-11],
  ["log_incomplete_beta", ([x, a, b]) => logIncompleteBeta(x!, a!, b!), 1e-10],
  ["beta_binomial_upper_tail", ([k, m, a, b]) => betaBinomialUpperTail(k!, m!, a!, b!), 1e-9],
  ["gpd_tail", ([x, shape, scale]) => paretoUpperTail({ shape: shape!, scale: scale! }, x!), 1e-12],
  ["binomial_deviance", ([k, m, p]) => signedRootBinomial(k!, m!, p!), 1e-7],
  ["swinging_root", ([k, m, p, variance]) => swingingRoot(k!, m!, p!, variance!), 1e-6],
  ["poisson_deviance", ([k, mu]) => signedRootPoisson(k!, mu!), 1e-7],
])("%s agrees with scipy", (name, compute, tolerance) => {
  for (const row of rows<number[]>(name))
    close(compute(row), row[row.length - 1]!, tolerance, `${name}(${row.slice(0, -1)})`);
});

test("Wilson intervals agree with scipy", () => {
  for (const [k, n, [low, high]] of rows<[number, number, [number, number]]>("wilson")) {
    const interval = wilson(k, n, 1.959963984540054);
    close(interval.low, low, 1e-9, `low of ${k}/${n}`);
    close(interval.high, high, 1e-9, `high of ${k}/${n}`);
  }
});

test("Benjamini–Hochberg rejects exactly what scipy's adjusted p-values reject", () => {
  for (const [ps, adjusted] of rows<[number[], number[]]>("benjamini_hochberg")) {
    for (const q of [0.01, 0.05, 0.1, 0.3]) {
      expect(ps.map((p) => p <= criticalP(ps, q))).toEqual(adjusted.map((a) => a <= q + 1e-12));
    }
  }
});

test("the quantiles that have a name are those of the normal law", () => {
  close(Z_ONE_SIDED, normalQuantile(0.95), 1e-14, "one-sided 95 %");
  close(Z_TWO_SIDED, normalQuantile(0.975), 1e-14, "two-sided 95 %");
});

test("the median spread of a normal sample is its standard deviation, whatever a few wild values are", () => {
  const at = (i: number): number => 7 + 3 * normalQuantile((i + 0.5) / 1_000);
  const sample = Float64Array.from({ length: 1_000 }, (_, i) => (i >= 990 ? 1e6 : at(i)));
  expect(medianSpread(sample, 7)).toBeCloseTo(3, 1);
  expect(medianSpread(Float64Array.of(1, 2, 3, 4, 100), 3)).toBe(1.4826);
  expect(medianSpread(Float64Array.of(Number.NaN), 3)).toBeNaN();
});

test("quantiles are NumPy's", () => {
  for (const [v, q, expected] of rows<[number[], number, number]>("quantile"))
    close(quantileOf(v, q), expected, 1e-12, `${q}`);
});

test("the sum over runs agrees with scipy's exact signed-rank test, whose runs are 0 or their rank", () => {
  for (const [n, sum, p] of rows<[number, number, number]>("signed_rank_upper_tail")) {
    let left = sum;
    const runs = Array.from({ length: n }, (_, i) => {
      const drawn = n - i <= left ? n - i : 0;
      left -= drawn;
      return { counts: [1, ...new Array<number>(n - i - 1).fill(0), 1], drawn };
    });
    close(rerandomisedSum(runs).atLeast, p, 1e-12, `${sum} of ${n} ranks`);
  }
});

test("Mann–Whitney agrees with scipy when steps do not resemble their neighbours", () => {
  for (const [before, after, z] of rows<[number[], number[], number]>("mann_whitney_z")) {
    const r = rankAutocorrelation(before);
    const widened = z / Math.sqrt((1 + r) / (1 - r));
    close(mannWhitneyDeviate(before, after)!, widened, 1e-9, `${before} / ${after}`);
  }
});
