import fc from "fast-check";

/** What may be wrong with the samples of one series. */
export const QUIRKS = [
  "reset",
  "backwards",
  "vanishes",
  "comes-back",
  "NaN",
  "+Inf",
  "-Inf",
  "negative",
  "huge",
  "fraction",
  "empty",
  "one-sample",
  "duplicate",
  "unsorted",
  "other-interval",
  "clock-skew",
  "born-late",
] as const;
export type Quirk = (typeof QUIRKS)[number];

/** One counter as a proxy reports it. */
export interface CounterSpec {
  readonly service: number;
  readonly pod: number;
  readonly reporter: "source" | "destination" | "waypoint" | "somebody";
  /** Response code, or what a connection counter counts. */
  readonly counts: "200" | "503" | "0" | "404" | "opened" | "failed" | "closed";
  /** Increments a scrape before and after the injection. */
  readonly before: number;
  readonly after: number;
  readonly quirks: readonly Quirk[];
  readonly seed: number;
}

/** Latency of one service as buckets. */
export interface BucketSpec {
  readonly service: number;
  readonly perStep: number;
  readonly slowAfter: number;
  /** A pod with other bounds than the others. */
  readonly mixed: boolean;
  readonly quirks: readonly Quirk[];
  readonly seed: number;
}

/** The past of the services: hours, how long ago it ended, and what is odd about it. */
export interface PastSpec {
  readonly steps: number;
  readonly endedStepsBefore: number;
  readonly oddEvery: number;
  readonly blindEvery: number;
  readonly otherBounds: boolean;
  readonly forgotten: boolean;
  readonly seed: number;
}

export interface FuzzCase {
  readonly names: readonly string[];
  readonly counters: readonly CounterSpec[];
  readonly buckets: readonly BucketSpec[];
  readonly past: PastSpec | null;
  readonly scrapeS: number;
  readonly clearSteps: number;
  readonly calls: readonly (readonly [number, number])[];
  /** Our clock minus the one of Prometheus, s. */
  readonly skewS: number;
  readonly seed: number;
}

const seed = fc.integer({ min: 0, max: 2 ** 31 });
const level = fc.constantFrom(0, 0, 1, 3, 30, 2_000);
const quirks = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...QUIRKS), { maxLength: 3 }) },
);
const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("cart", "db", "web") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'we"ird',
      "new\nline",
      "back\\slash",
      "\u2028\u{1f4a5}",
      "__proto__",
      "x".repeat(10_000),
      "unknown",
    ),
  },
);
const counter: fc.Arbitrary<CounterSpec> = fc.record({
  service: fc.nat(2),
  pod: fc.nat(2),
  reporter: fc.constantFrom("source", "source", "source", "destination", "waypoint", "somebody"),
  counts: fc.constantFrom("200", "200", "200", "503", "503", "0", "404", "opened", "failed", "closed"),
  before: level,
  after: level,
  quirks,
  seed,
});
const bucket: fc.Arbitrary<BucketSpec> = fc.record({
  service: fc.nat(2),
  perStep: level,
  slowAfter: fc.constantFrom(0.01, 0.2, 1),
  mixed: fc.boolean(),
  quirks,
  seed,
});
const past: fc.Arbitrary<PastSpec> = fc.record({
  // Ten hours only widen, twenty-seven decide.
  steps: fc.constantFrom(3, 60, 165),
  endedStepsBefore: fc.constantFrom(-10, 0, 1, 400),
  oddEvery: fc.constantFrom(0, 0, 2, 17),
  blindEvery: fc.constantFrom(0, 0, 3, 11),
  otherBounds: fc.boolean(),
  forgotten: fc.boolean(),
  seed,
});

/** Whole observations with their history, as odd as a metrics source can make them. */
export const fuzzCase: fc.Arbitrary<FuzzCase> = fc.record({
  names: fc.tuple(name, name, name),
  counters: fc.array(counter, { maxLength: 6 }),
  buckets: fc.array(bucket, { maxLength: 2 }),
  past: fc.option(past, { freq: 2 }),
  scrapeS: fc.constantFrom(60, 120, 300, 900),
  clearSteps: fc.nat(4),
  calls: fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { maxLength: 3 }),
  skewS: fc.constantFrom(0, 0, -700, 45, 4_000),
  seed,
});
