import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LatencyBook } from "../../../src/adapters/prometheus/read/latency.ts";
import { atOrUnder, knownBounds, type NativeBucket } from "../../../src/adapters/prometheus/signals/native.ts";
import { istioSignals } from "../../integration/prometheus/mesh.ts";

const bucket = (low: number, high: number, count = 1): NativeBucket => ({ low, high, count });

/** Exponential buckets of observations. */
function exponential(observed: readonly number[], schema: number): readonly NativeBucket[] {
  const counts = new Map<number, number>();
  for (const value of observed) {
    const index = Math.ceil(Math.log2(value) * 2 ** schema);
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return [...counts].map(([i, n]) => bucket(2 ** ((i - 1) / 2 ** schema), 2 ** (i / 2 ** schema), n));
}

describe("native histograms", () => {
  test("a count at a boundary is known; inside a bucket nobody knows", () => {
    const buckets = [bucket(Number.NEGATIVE_INFINITY, 1, 3), bucket(5, 10, 4), bucket(10, Number.POSITIVE_INFINITY, 5)];
    expect([1, 5, 10, 4, 7, 20].map((bound) => atOrUnder(buckets, bound))).toEqual([3, 3, 7, 3, null, null]);
    expect(atOrUnder([], 10)).toBe(0);
  });

  test("powers of two count exactly at any resolution, also when several are put together", () =>
    fc.assert(
      fc.property(
        fc.array(fc.record({ took: fc.integer({ min: 1, max: 100_000 }), schema: fc.integer({ min: 0, max: 8 }) })),
        fc.integer({ min: -2, max: 20 }),
        (observed, exponent) => {
          const buckets = observed.flatMap(({ took, schema }) => exponential([took], schema));
          const under = observed.filter(({ took }) => took <= 2 ** exponent).length;
          expect(atOrUnder(buckets, 2 ** exponent)).toBe(under);
        },
      ),
    ));

  test.each([
    { name: "exponential", buckets: exponential([20, 70], 3), bounds: [16, 32, 64, 128] },
    { name: "Istio's own", buckets: [bucket(10, 25), bucket(50, 100)], bounds: [10, 25, 50, 100] },
    {
      name: "the first and the last",
      buckets: [bucket(-Infinity, 0.5), bucket(3_600_000, Infinity)],
      bounds: [0.5, 3_600_000],
    },
    { name: "whole powers of two, which may be either", buckets: [bucket(1, 2), bucket(8, 16)], bounds: [1, 2, 8, 16] },
    { name: "nothing but zeros", buckets: [bucket(-1e-9, 0)], bounds: [] },
  ])("bounds of buckets: $name", ({ buckets, bounds }) => expect(knownBounds(buckets)).toEqual(bounds));
});

describe("slow requests by step", () => {
  const grid = { startMs: 0, stepMs: 60_000, steps: 3 };
  const service = { reporter: "source", destination_service_namespace: "shop", destination_service_name: "cart" };
  const book = (form: "classic" | "native"): LatencyBook =>
    new LatencyBook(
      grid,
      istioSignals(),
      new Map([["shop/cart", { reporter: "source", boundsMs: [32], form, callers: new Map() }]]),
    );
  const classic = (values: readonly number[]) => ({
    timesMs: Float64Array.from(values, (_, i) => (i + 1) * 60_000),
    values: Float64Array.from(values),
    n: values.length,
  });
  const native = (perSecond: readonly (number | null)[], buckets: readonly NativeBucket[]) => ({
    ...classic([]),
    histograms: perSecond.flatMap((count, i) => (count === null ? [] : [{ atMs: (i + 1) * 60_000, count, buckets }])),
  });

  test("a bucket that is gone makes its steps unknown, not slow", () => {
    const latency = book("classic");
    latency.adder("classic", "service")({ ...service, le: "+Inf" }, classic([10, 10, 10]));
    latency.adder("classic", "service")({ ...service, le: "32.0" }, classic([10, 9]));
    expect(latency.of("shop/cart")).toEqual({
      boundsMs: [32],
      successes: Float64Array.of(10, 10, 0),
      slow: [Float64Array.of(0, 1, 0)],
    });
  });

  test("callers that are read from different proxies count once each, and are asked for by caller", () => {
    const callers = new Map([["shop/app", "destination" as const]]);
    const wanted = new Map([
      ["shop/cart", { reporter: "source" as const, boundsMs: [32], form: "classic" as const, callers }],
    ]);
    const latency = new LatencyBook(grid, istioSignals(), wanted);
    const [whole, byCaller] = [latency.adder("classic", "service"), latency.adder("classic", "caller")];
    const of = (source_workload: string, reporter: string, le: string) => ({
      ...service,
      source_workload_namespace: "shop",
      source_workload,
      reporter,
      le,
    });
    for (const le of ["+Inf", "32"]) {
      whole({ ...service, le }, classic([1000]));
      byCaller(of("web", "source", le), classic([10]));
      byCaller(of("web", "destination", le), classic([100]));
      byCaller(of("app", "destination", le), classic([5]));
      byCaller(of("app", "source", le), classic([200]));
    }
    expect(latency.of("shop/cart")?.successes).toEqual(Float64Array.of(15, 0, 0));
  });

  test("native histograms are told a second; a bound inside a bucket makes the step unknown", () => {
    const latency = book("native");
    latency.adder("native", "service")(service, native([0.5, null, null], [bucket(16, 32, 0.4), bucket(32, 64, 0.1)]));
    latency.adder("native", "service")(service, native([null, 0.5, null], [bucket(25, 50, 0.5)]));
    expect(latency.of("shop/cart")).toEqual({
      boundsMs: [32],
      successes: Float64Array.of(30, 0, 0),
      slow: [Float64Array.of(6, 0, 0)],
    });
  });

  test("both forms are never added up: the one that is read counts, the other one only where it has nothing", () => {
    const latency = book("native");
    latency.adder("classic", "service")({ ...service, le: "+Inf" }, classic([7, 7, 7]));
    latency.adder("classic", "service")({ ...service, le: "32" }, classic([7, 7, 7]));
    latency.adder("native", "service")(service, native([null, 0.5, 0.5], [bucket(16, 32, 0.4), bucket(32, 64, 0.1)]));
    expect(latency.of("shop/cart")).toEqual({
      boundsMs: [32],
      successes: Float64Array.of(7, 30, 30),
      slow: [Float64Array.of(0, 6, 6)],
    });
  });
});
