import { describe, expect, test } from "vitest";
import type { Observation, ServiceCounts } from "../../../src/core/model/series.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import { bandsOf } from "../../../src/core/observe/band.ts";

const T0 = Date.parse("2026-03-06T09:00:00Z");
const WINDOW = { fromMs: T0 - 10 * MINUTE_MS, toMs: T0 + 20 * MINUTE_MS };

/** So many days until T0, minute by minute; `shareAt` and `rateAt` say what a minute was like. */
function history(days: number, shareAt: (atMs: number) => number, rateAt = (_atMs: number) => 600): Observation {
  const startMs = T0 - days * DAY_MS;
  const steps = Math.round((T0 + 5 * MINUTE_MS - startMs) / MINUTE_MS);
  const at = (i: number) => startMs + i * MINUTE_MS;
  const requests = Float64Array.from({ length: steps }, (_, i) => rateAt(at(i)));
  const service: ServiceCounts = {
    service: "shop/cart",
    reporter: "source",
    requests,
    failures: Float64Array.from({ length: steps }, (_, i) => shareAt(at(i)) * requests[i]!),
    latency: { boundsMs: [100], successes: requests, slow: [requests.map((n) => n / 10)] },
    connections: null,
    valid: new Uint8Array(steps).fill(1),
    flags: {},
  };
  return { grid: { startMs, stepMs: MINUTE_MS, steps }, services: [service], sourceRequests: 0, notes: [] };
}

const hourOf = (atMs: number): number => new Date(atMs).getUTCHours() + new Date(atMs).getUTCMinutes() / 60;
const bandOf = (past: Observation, excluded: readonly { fromMs: number; toMs: number }[] = []) =>
  bandsOf(past, ["shop/cart"], WINDOW, excluded)[0];

describe("the band of what is normal", () => {
  test("is that of this hour, not of the whole day", () => {
    const busyMornings = (atMs: number) => (Math.abs(hourOf(atMs) - 9) < 1.5 ? 1_200 : 60);
    const band = bandOf(history(7, () => 0, busyMornings));
    expect(band).toMatchObject({ days: 7, rate: { low: Array(6).fill(20), high: Array(6).fill(20) } });
    expect(band?.latency).toMatchObject([{ boundMs: 100, high: Array(6).fill(0.1) }]);
  });

  test("holds nine of ten quiet steps", () => {
    // minute k of an hour fails k / 100 of its requests
    const band = bandOf(history(7, (atMs) => new Date(atMs).getUTCMinutes() / 100));
    expect(band?.failures.low[2]).toBeCloseTo(0.03, 1);
    expect(band?.failures.high[2]).toBeCloseTo(0.56, 1);
  });

  test("knows nothing of what came after the window began, nor of steps that were not quiet", () => {
    const damaged = { fromMs: T0 - DAY_MS - HOUR_MS, toMs: T0 - DAY_MS + 2 * HOUR_MS };
    const share = (atMs: number) => (atMs >= WINDOW.fromMs || (atMs >= damaged.fromMs && atMs < damaged.toMs) ? 1 : 0);
    expect(Math.max(...(bandOf(history(3, share), [damaged])?.failures.high ?? []).map(Number))).toBe(0);
    expect(Math.max(...(bandOf(history(3, share))?.failures.high ?? []).map(Number))).toBe(1);
  });

  test.each([
    { name: "without a history", past: null },
    { name: "of one day", past: history(1, () => 0) },
    {
      name: "of steps that were not scraped",
      past: ((one) => ({ ...one, services: one.services.map((s) => ({ ...s, valid: s.valid.fill(0) })) }))(
        history(7, () => 0),
      ),
    },
  ])("is none $name", ({ past }) => expect(bandsOf(past, ["shop/cart"], WINDOW, [])).toEqual([]));

  test("says nothing of a share of no requests", () =>
    expect(
      bandOf(
        history(
          7,
          () => 0,
          () => 0,
        ),
      )?.failures.high,
    ).toEqual(Array(6).fill(null)));
});
