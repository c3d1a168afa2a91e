import fc from "fast-check";
import { expect, test } from "vitest";
import { type JudgeInput, judge } from "../../../src/core/judge/judge.ts";
import { DEFAULT_MINIMUM_EFFECT } from "../../../src/core/model/policy.ts";
import type { ServiceCounts } from "../../../src/core/model/series.ts";
import { isDegraded } from "../../../src/core/model/verdict.ts";
import { LAB, T0 } from "./scenario.ts";

fc.configureGlobal({ seed: 20260306 });

const STEPS = 22;
/** Anything that a metrics source was ever seen to answer: counts, and what is none. */
const odd = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
  { weight: 2, arbitrary: fc.double({ min: 0, max: 1e9, noNaN: true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -5,
      -0.01,
      1e-300,
      1e300,
    ),
  },
);
const values = fc.array(odd, { minLength: STEPS, maxLength: STEPS }).map((v) => Float64Array.from(v));
const valid = fc
  .array(fc.integer({ min: 0, max: 1 }), { minLength: STEPS, maxLength: STEPS })
  .map((v) => Uint8Array.from(v));
const name = fc.oneof(fc.constantFrom("go-app/go-app", 'we"ird/na\nme', "x".repeat(10_000)), fc.string());

const service: fc.Arbitrary<ServiceCounts> = fc
  .record({
    service: name,
    requests: values,
    failures: values,
    successes: values,
    slow: values,
    opened: values,
    failed: values,
    valid,
    tcp: fc.boolean(),
  })
  .map((s) => ({
    service: s.service,
    reporter: "source",
    requests: s.requests,
    failures: s.failures,
    latency: { boundsMs: [100], successes: s.successes, slow: [s.slow] },
    connections: s.tcp ? { opened: s.opened, closed: s.opened, failed: s.failed } : null,
    valid: s.valid,
    flags: {},
  }));

const inputOf = (services: readonly ServiceCounts[]): JudgeInput => ({
  observation: {
    grid: { startMs: T0 - LAB.beforeMs, stepMs: LAB.stepMs, steps: STEPS },
    services,
    sourceRequests: 1,
    notes: [],
  },
  history: null,
  excluded: [],
  t0Ms: T0,
  clearMs: T0 + 15_000,
  geometry: LAB,
  minimumEffect: DEFAULT_MINIMUM_EFFECT,
  calls: services.map((s) => ({ caller: s.service, callee: services[0]!.service })),
  concerned: [services[0]!.service],
});

test("no counts, however odd, crash the judge or make it speak in numbers that are none", () =>
  fc.assert(
    fc.property(fc.array(service, { minLength: 1, maxLength: 3 }), (services) => {
      for (const v of judge(inputOf(services)).verdicts) {
        if (v.z !== null) expect(Number.isFinite(v.z)).toBe(true);
        if (v.p !== null) expect(v.p >= 0 && v.p <= 1).toBe(true);
        if (v.effect !== null) expect(Number.isFinite(v.effect.change.point)).toBe(true);
      }
    }),
    { numRuns: 400 },
  ));

test("a window of which nothing was scraped after the injection never gets a verdict", () =>
  fc.assert(
    fc.property(service, (s) => {
      const blind = s.valid.map((v, i) => (i >= 12 ? 0 : v));
      const kinds = judge(inputOf([{ ...s, valid: blind }])).verdicts.map((v) => v.verdict.kind);
      expect(new Set(kinds)).toEqual(new Set(["inconclusive"]));
    }),
    { numRuns: 200 },
  ));

test("the same input gives the same answer, and the order of services changes nothing but their order", () =>
  fc.assert(
    fc.property(fc.uniqueArray(service, { minLength: 2, maxLength: 3, selector: (s) => s.service }), (services) => {
      const input = inputOf(services);
      const reversed = { ...input, observation: { ...input.observation, services: [...services].reverse() } };
      const degraded = (i: JudgeInput) =>
        judge(i)
          .verdicts.filter((v) => isDegraded(v.verdict.kind))
          .map((v) => `${v.service} ${v.signal} ${v.verdict.kind}`)
          .sort();
      expect(degraded(reversed)).toEqual(degraded(input));
    }),
    { numRuns: 100 },
  ));
