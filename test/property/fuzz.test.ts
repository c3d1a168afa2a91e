import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type BucketSpec, type CounterSpec, type FuzzCase, fuzzCase, type PastSpec } from "../../bench/fuzz/cases.ts";
import { checkCase } from "../../bench/fuzz/properties.ts";
import { loadSignals } from "../../src/adapters/prometheus/signals/signals.ts";

const signals = loadSignals(readFileSync(new URL("../../rules/signals/istio.yaml", import.meta.url), "utf8"));

/** A slice of `npm run bench:fuzz`, which runs a hundred thousand. */
test("whatever telemetry is read, nothing crashes and no verdict is made up", () =>
  fc.assert(
    fc.asyncProperty(fuzzCase, async (fuzz) => {
      await checkCase(fuzz, signals);
    }),
    { numRuns: 500, seed: 20260306 },
  ));

const counter: CounterSpec = {
  service: 0,
  pod: 0,
  reporter: "source",
  counts: "200",
  before: 2_000,
  after: 2_000,
  quirks: [],
  seed: 0,
};
const bucket: BucketSpec = { service: 0, perStep: 2_000, slowAfter: 0.01, mixed: false, quirks: [], seed: 0 };
const past: PastSpec = {
  steps: 165,
  endedStepsBefore: -10,
  oddEvery: 0,
  blindEvery: 0,
  otherBounds: false,
  forgotten: false,
  seed: 0,
};
const quiet: FuzzCase = {
  names: ["cart", "db", "web"],
  counters: [counter],
  buckets: [],
  past: null,
  scrapeS: 60,
  clearSteps: 0,
  calls: [],
  skewS: 0,
  seed: 0,
};

test.each<{ readonly name: string; readonly fuzz: Partial<FuzzCase> }>([
  {
    name: "requests in steps that nobody scraped make no service of connections one of requests",
    fuzz: { counters: [{ ...counter, counts: "failed", before: 0, after: 0, quirks: ["comes-back"], seed: 1 }] },
  },
  { name: "an early window of which only two steps were scraped is not steady", fuzz: { scrapeS: 900 } },
  {
    name: "two steps of a late window that was cut off are not persistent",
    fuzz: { counters: [{ ...counter, after: 0 }], past, clearSteps: 4 },
  },
  { name: "a negative number of requests is none", fuzz: { buckets: [{ ...bucket, quirks: ["negative"] }] } },
])("$name", async ({ fuzz }) => {
  await expect(checkCase({ ...quiet, ...fuzz }, signals)).resolves.toBeDefined();
});
