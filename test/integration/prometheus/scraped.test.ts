import { expect, test } from "vitest";
import { prometheusSource } from "../../../src/adapters/prometheus/source.ts";
import { type Observation, stepStartMs } from "../../../src/core/model/series.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { type Page, PROTOBUF_TYPE, protobufPage, TEXT_TYPE, textPage } from "../../support/exposition.ts";
import { BOUNDS_MS } from "../../support/openmetrics.ts";
import { describeWithPrometheus3 } from "../../support/requires.ts";
import { startExporter } from "../../support/servers/exporter.ts";
import { startPrometheus } from "../../support/servers/prometheus.ts";
import { serviceIn, sourceOptions } from "./mesh.ts";

const never = new AbortController().signal;
const SCRAPE_MS = 15 * SECOND_MS;
const PAGES = 20;
/**
 * Between two scrapes: five requests, of which two took more than 64 ms, and one more than 256 ms.
 */
const TOOK_MS = [20, 20, 20, 70, 400];
const PER_STEP = MINUTE_MS / SCRAPE_MS;
/** Scrapes take real time. */
const TIMEOUT_MS = 60_000;

/**
 * Pages of one proxy: the time is in them, so that minutes are scraped within seconds. Prometheus
 * takes none that are far from its own.
 */
function pages(service: string, startMs: number): readonly Page[] {
  const labels = {
    reporter: "source",
    destination_service_namespace: "shop",
    destination_service_name: service,
    response_code: "200",
    response_flags: "-",
  };
  return Array.from({ length: PAGES }, (_, k): Page => {
    const times = (took: number): number => TOOK_MS.filter((one) => one === took).length * (k + 1);
    const tookMs = new Map(TOOK_MS.map((took) => [took, times(took)]));
    return { atMs: startMs + 7 * SECOND_MS + k * SCRAPE_MS, labels, tookMs };
  });
}

interface Job {
  readonly service: string;
  /** Lines of its scrape configuration. */
  readonly settings: readonly string[];
  readonly protobuf?: boolean;
}

/** What is read of proxies that a real Prometheus scraped in these ways. */
async function scrapedBy(jobs: readonly Job[]): Promise<Observation> {
  const startMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 15 * MINUTE_MS;
  await using stack = new AsyncDisposableStack();
  const exporters = await Promise.all(
    jobs.map(async ({ service, protobuf }) => {
      const all = pages(service, startMs);
      const encoded = all.map((page) => (protobuf ? protobufPage(page, 3) : textPage(page, BOUNDS_MS)));
      return stack.use(await startExporter(encoded, protobuf ? PROTOBUF_TYPE : TEXT_TYPE));
    }),
  );
  const config = jobs.flatMap(({ service, settings }, i) => [
    `  - job_name: ${service}`,
    "    scrape_interval: 300ms",
    "    scrape_timeout: 300ms",
    ...settings.map((line) => `    ${line}`),
    `    static_configs: [{ targets: ["${exporters[i]!.address}"] }]`,
  ]);
  const seed = `# TYPE nothing gauge\nnothing 1 ${startMs / 1000 - 86_400}\n# EOF\n`;
  const server = stack.use(await startPrometheus(seed, { config: ["scrape_configs:", ...config].join("\n") }));
  await Promise.all(exporters.map(({ drained }) => drained));
  const grid = { startMs: startMs + MINUTE_MS, stepMs: MINUTE_MS, steps: 3 };
  return await prometheusSource(sourceOptions(server.url, stepStartMs(grid, grid.steps))).counts(grid, never);
}

function expectCountedOnce(observation: Observation, service: string): readonly number[] {
  const { requests, latency } = serviceIn(observation, `shop/${service}`);
  if (latency === null) throw new Error("no latency");
  const every = (perScrape: number): number[] => new Array(requests.length).fill(perScrape * PER_STEP);
  expect([...requests]).toEqual(every(TOOK_MS.length));
  expect([...latency.successes]).toEqual(every(TOOK_MS.length));
  latency.boundsMs.forEach((bound, k) => {
    expect([...latency.slow[k]!], `slower than ${bound} ms`).toEqual(
      every(TOOK_MS.filter((took) => took > bound).length),
    );
  });
  return latency.boundsMs;
}

describeWithPrometheus3("proxies that Prometheus 3 scrapes", () => {
  test(
    "as text and as protobuf: classic buckets and exponential ones, each exact",
    async () => {
      const observation = await scrapedBy([
        { service: "classic", settings: [] },
        { service: "exponential", settings: ["scrape_native_histograms: true"], protobuf: true },
      ]);
      expectCountedOnce(observation, "classic");
      const bounds = expectCountedOnce(observation, "exponential");
      expect(bounds.every((bound) => Number.isInteger(Math.log2(bound)))).toBe(true);
      expect(observation.notes).toEqual(["Latency is read from native histograms: shop/exponential."]);
    },
    TIMEOUT_MS,
  );

  test(
    "classic buckets that are converted arrive without _bucket series and are read at Istio's bounds; where both are kept, they count once",
    async () => {
      const converted = "convert_classic_histograms_to_nhcb: true";
      const observation = await scrapedBy([
        { service: "custom", settings: [converted] },
        { service: "both", settings: [converted, "always_scrape_classic_histograms: true"] },
      ]);
      const bounds = expectCountedOnce(observation, "custom");
      expect(BOUNDS_MS).toEqual(expect.arrayContaining([...bounds]));
      expectCountedOnce(observation, "both");
      expect(observation.notes).toEqual(["Latency is read from native histograms: shop/custom."]);
    },
    TIMEOUT_MS,
  );
});
