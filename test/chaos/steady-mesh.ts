import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { prometheusApi } from "../../src/sandbox/prometheus/api.ts";
import { METRIC_NAME } from "../../src/sandbox/promql/labels.ts";
import type { SampleSeries, SampleStorage } from "../../src/sandbox/promql/storage.ts";

const SCRAPE_MS = 15_000;
const REQUESTS_PER_SECOND = 10;
/** Counters began then. */
const BEGAN_MS = Date.parse("2026-11-01T00:00:00Z");

const TARGET = { job: "istio", instance: "10.0.0.1:15020", pod: "load-1" };
const REQUESTS = { ...TARGET, [METRIC_NAME]: "istio_requests_total", reporter: "source", response_code: "200" };
const SERIES = [
  ...["repeater", "go-app"].map((service) => ({
    perSecond: REQUESTS_PER_SECOND,
    labels: {
      ...REQUESTS,
      source_workload: "load",
      source_workload_namespace: "go-app",
      destination_service_namespace: "go-app",
      destination_service_name: service,
    },
  })),
  { perSecond: 0, labels: { ...TARGET, [METRIC_NAME]: "up" } },
];

/**
 * A Prometheus of a mesh in which nothing ever changes, whatever is done to its pods; its clock is
 * the caller's.
 */
export interface SteadyMesh extends AsyncDisposable {
  readonly port: number;
}

export async function steadyMesh(nowMs: () => number): Promise<SteadyMesh> {
  const app = prometheusApi(storage, { nowMs });
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const made = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(made));
  });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      if ("closeAllConnections" in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const storage: SampleStorage = {
  *select(matchers, fromMs, toMs) {
    for (const { labels, perSecond } of SERIES) {
      const known: Readonly<Record<string, string>> = labels;
      if (matchers.every((one) => one.matches(known[one.name] ?? ""))) yield series(labels, perSecond, fromMs, toMs);
    }
  },
};

function series(labels: SampleSeries["labels"], perSecond: number, fromMs: number, toMs: number): SampleSeries {
  const firstMs = Math.ceil(Math.max(fromMs, BEGAN_MS) / SCRAPE_MS) * SCRAPE_MS;
  const length = Math.max(0, Math.floor((toMs - firstMs) / SCRAPE_MS) + 1);
  const timesMs = Float64Array.from({ length }, (_, i) => firstMs + i * SCRAPE_MS);
  const values = timesMs.map((atMs) => (perSecond === 0 ? 1 : (perSecond * (atMs - BEGAN_MS)) / 1_000));
  return { labels, timesMs, values, stale: null };
}
