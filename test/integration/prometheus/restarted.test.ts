import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { prometheusSource } from "../../../src/adapters/prometheus/source.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { describeWith } from "../../support/requires.ts";
import { startPrometheus } from "../../support/servers/prometheus.ts";
import { serviceIn, sourceOptions } from "./mesh.ts";

const never = new AbortController().signal;
const SCRAPE_MS = 15 * SECOND_MS;
const PAGES = 34;
const STEPS = 7;
/** The first page that nobody scrapes, because Prometheus is away. */
const LOST_FROM = 14;
/** Requests between two pages of one proxy. */
const SENT = 20;
const PROXIES = ["web-0", "web-1"];
/** Scrapes take real time. */
const TIMEOUT_MS = 180_000;

interface Plan {
  /** The first page that it scrapes again. */
  readonly backAt: number;
  /** Pages up to which all requests of a stretch fail. */
  readonly failing: { readonly from: number; readonly to: number };
}
const failedIn = ({ failing }: Plan, page: number): number => (page >= failing.from && page < failing.to ? SENT : 0);

/** Counters of a proxy whose life is long, as they stand on a page; the time is in them. */
function pageOf(plan: Plan, startMs: number, page: number): string {
  const at = startMs + 7 * SECOND_MS + page * SCRAPE_MS;
  const failed = Array.from({ length: page + 1 }, (_, k) => failedIn(plan, k)).reduce((a, b) => a + b, 0);
  const line = (code: string, flags: string, value: number): string =>
    `istio_requests_total{reporter="source",source_workload="web",source_workload_namespace="shop",destination_service_name="cart",destination_service_namespace="shop",response_code="${code}",response_flags="${flags}"} ${value} ${at}`;
  return [
    "# TYPE istio_requests_total counter",
    line("200", "-", 1_000_000 + (page + 1) * SENT - failed),
    ...(failed === 0 ? [] : [line("503", "UF", failed)]),
    "",
  ].join("\n");
}

/** All proxies on one server, which turns its page only when it is told. */
async function startProxies(plan: Plan, startMs: number) {
  let page = 0;
  let served = 0;
  const server = createServer((_, reply) => {
    served++;
    reply.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(pageOf(plan, startMs, page));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    port,
    turn: (to: number) => {
      page = to;
    },
    /** Every proxy was scraped on this page, and what was fetched first is kept. */
    async scraped() {
      const enough = served + 3 * PROXIES.length;
      while (served < enough) await sleep(20);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** What is read when Prometheus is killed while pages pass. */
async function readOver(plan: Plan, storage: "kept" | "wiped") {
  const startMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 20 * MINUTE_MS;
  await using proxies = await startProxies(plan, startMs);
  const targets = PROXIES.map(
    (pod) => `{ targets: ["localhost:${proxies.port}"], labels: { pod: ${pod}, instance: "${pod}:15020" } }`,
  );
  const config = [
    "scrape_configs:",
    "  - job_name: pods",
    "    scrape_interval: 100ms",
    "    scrape_timeout: 100ms",
    `    static_configs: [${targets.join(", ")}]`,
  ];
  const seed = `# TYPE nothing gauge\nnothing 1 ${startMs / 1000 - 86_400}\n# EOF\n`;
  await using server = await startPrometheus(seed, { config: config.join("\n") });
  for (let page = 0; page < PAGES; page++) {
    proxies.turn(page);
    if (page === LOST_FROM) await server.killed(() => proxies.turn(plan.backAt), storage);
    if (page < LOST_FROM || page >= plan.backAt) await proxies.scraped();
  }
  const grid = { startMs: startMs + MINUTE_MS, stepMs: MINUTE_MS, steps: STEPS };
  const endMs = grid.startMs + STEPS * MINUTE_MS;
  const read = serviceIn(await prometheusSource(sourceOptions(server.url, endMs)).counts(grid, never), "shop/cart");
  const pagesOf = (step: number): number[] =>
    Array.from({ length: PAGES }, (_, page) => page).filter(
      (page) => Math.ceil((7 * SECOND_MS + page * SCRAPE_MS) / MINUTE_MS) - 2 === step,
    );
  return Array.from({ length: STEPS }, (_, step) => ({
    known: read.valid[step] === 1,
    requests: read.requests[step]!,
    failures: read.failures[step]!,
    sent: pagesOf(step).length * SENT * PROXIES.length,
    failed: pagesOf(step).reduce((sum, page) => sum + failedIn(plan, page) * PROXIES.length, 0),
  }));
}

describeWith("prometheus", "a Prometheus that is killed in the middle of a window and started again", () => {
  test.each([
    { name: "requests fail only while it is away", failing: { from: 15, to: 18 }, backAt: 19 },
    { name: "requests fail only while it is away, until a step begins", failing: { from: 15, to: 18 }, backAt: 20 },
    { name: "requests fail from before until after", failing: { from: 11, to: 26 }, backAt: 19 },
    { name: "requests fail once it is back", failing: { from: 20, to: 25 }, backAt: 19 },
  ])(
    "is right or unknown in every step: $name",
    async (plan) => {
      const steps = await readOver(plan, "kept");
      for (const { known, requests, failures, sent, failed } of steps) {
        if (known) expect([requests, failures]).toEqual([sent, failed]);
      }
      expect(steps.filter(({ known }) => known).length).toBeGreaterThanOrEqual(STEPS - 4);
    },
    TIMEOUT_MS,
  );

  test(
    "and has lost its storage: what was before is unknown, and nothing of it stands in the first step after",
    async () => {
      const steps = await readOver({ failing: { from: 11, to: 26 }, backAt: 19 }, "wiped");
      for (const { known, requests, failures, sent, failed } of steps) {
        if (known) expect([requests, failures]).toEqual([sent, failed]);
      }
      expect(steps.slice(0, 2).some(({ known }) => known)).toBe(false);
      expect(steps.at(-1)!.known).toBe(true);
    },
    TIMEOUT_MS,
  );
});
