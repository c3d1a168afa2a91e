import { expect, test } from "vitest";
import { trafficChecks } from "../../../src/app/doctor/examine.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import type { MetricsSource } from "../../../src/ports/metrics.ts";

type Recent = Awaited<ReturnType<MetricsSource["recent"]>>;

/**
 * A source that knows so many requests of go-app for windows up to `knownMs`, and nothing of longer
 * ones.
 */
const source = (requests: number, knownMs: number): Pick<MetricsSource, "recent"> => ({
  recent: async (_nowMs, windowMs) =>
    (windowMs > knownMs ? [] : [{ service: "go-app/go-app", requests, failures: 0 }]) as unknown as Recent,
});
const check = async (requests: number, knownMs: number) =>
  trafficChecks(
    { metrics: source(requests, knownMs) as MetricsSource, clock: { nowMs: () => 0 } as never },
    new AbortController().signal,
  );

test.each([
  {
    name: "of five minutes",
    requests: 100,
    knownMs: 5 * MINUTE_MS,
    ok: true,
    says: /^1 services had traffic in the last 5/,
  },
  {
    name: "of proxies that are younger than five minutes",
    requests: 20,
    knownMs: MINUTE_MS,
    ok: true,
    says: /^1 services had traffic in the last minute; of 5 minutes nothing is known yet/,
  },
  { name: "that is none", requests: 0, knownMs: 5 * MINUTE_MS, ok: false, says: /1 had none; .*aftershock traffic/ },
  { name: "of which nothing is known", requests: 0, knownMs: 0, ok: false, says: /^0 services had traffic/ },
])("traffic $name is told as it is", async ({ requests, knownMs, ok, says }) => {
  expect(await check(requests, knownMs)).toEqual([{ what: "traffic", ok, says: expect.stringMatching(says) }]);
});
