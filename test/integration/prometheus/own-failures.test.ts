import { expect, test } from "vitest";
import { withOwnFailures } from "../../../src/adapters/prometheus/signals/own-failures.ts";
import { prometheusSource } from "../../../src/adapters/prometheus/source.ts";
import type { Counts } from "../../../src/core/model/series.ts";
import { MeshProxy, openMetrics } from "../../support/openmetrics.ts";
import { describeWith } from "../../support/requires.ts";
import { startPrometheus } from "../../support/servers/prometheus.ts";
import { istioSignals, serviceIn, sourceOptions } from "./mesh.ts";

const never = new AbortController().signal;
const GRID = { startMs: Date.parse("2026-03-06T09:00:00Z"), stepMs: 60_000, steps: 20 };
const END_MS = GRID.startMs + GRID.steps * GRID.stepMs;
const LIFE = { fromMs: GRID.startMs - 600_000, toMs: END_MS + 60_000 };
const sum = (counts: Counts): number => Array.from(counts).reduce((a, b) => a + b, 0);

/** One request a second to each service: every fourth is refused at once, every other is slow. */
function limitedMesh(): string {
  const proxy = new MeshProxy({ instance: "a:15020", life: LIFE, scrapeMs: 15_000, phaseMs: 7_300 });
  for (let i = 0, atMs = LIFE.fromMs; atMs < LIFE.toMs; i++, atMs += 1000) {
    for (const to of ["shop/cart", "shop/web"]) {
      proxy.request(i % 4 === 0 ? { to, atMs, code: 429, tookMs: 2 } : { to, atMs, tookMs: i % 2 === 0 ? 200 : 30 });
    }
  }
  return openMetrics(proxy.samples());
}

describeWith("prometheus", "a service's own table of failures", () => {
  test("leaves its own failed requests out of its latency, in the window and in history", async () => {
    await using server = await startPrometheus(limitedMesh());
    const own = { "shop/cart": { any: [{ label: "response_code", matches: "5..|429" }] } };
    const signals = withOwnFailures(istioSignals(), own);
    const source = prometheusSource(sourceOptions(server.url, END_MS, { signals }));
    for (const observation of [await source.counts(GRID, never), await source.history(GRID, never)]) {
      const [cart, web] = ["shop/cart", "shop/web"].map((name) => serviceIn(observation, name));
      const share = (of: typeof cart): number => sum(of!.latency!.successes) / sum(of!.requests);
      expect(sum(cart!.failures) / sum(cart!.requests)).toBeCloseTo(0.25, 2);
      expect(share(cart)).toBeCloseTo(0.75, 2);
      expect(sum(web!.failures)).toBe(0);
      expect(share(web)).toBeCloseTo(1, 2);
      // Of three that were not refused one took 200 ms.
      const [boundMs, slow] = [cart!.latency!.boundsMs, cart!.latency!.slow];
      const between = boundMs.findIndex((bound) => bound >= 30 && bound < 200);
      expect(sum(slow[between]!) / sum(cart!.latency!.successes)).toBeCloseTo(1 / 3, 2);
    }
  });

  test("whose label the histograms do not have leaves nothing to read latency from", async () => {
    await using server = await startPrometheus(limitedMesh());
    const own = { "shop/cart": { any: [{ label: "response_reason", matches: "limited" }] } };
    const signals = withOwnFailures(istioSignals(), own);
    const observation = await prometheusSource(sourceOptions(server.url, END_MS, { signals })).counts(GRID, never);
    expect(serviceIn(observation, "shop/cart").unread?.latency).toMatch(/do not say which requests failed/);
    expect(serviceIn(observation, "shop/web").unread).toBeUndefined();
  });
});
