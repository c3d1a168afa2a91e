import { afterAll, beforeAll, expect, test } from "vitest";
import { prometheusSource } from "../../../src/adapters/prometheus/source.ts";
import { type Counts, type Grid, type Observation, stepStartMs } from "../../../src/core/model/series.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import type { MetricsSource } from "../../../src/ports/metrics.ts";
import { MeshProxy, openMetrics, type Request } from "../../support/openmetrics.ts";
import { seededRandom } from "../../support/random.ts";
import { describeWith } from "../../support/requires.ts";
import { type PrometheusServer, startPrometheus } from "../../support/servers/prometheus.ts";
import { type Recorder, startRecorder } from "../../support/servers/recorder.ts";
import { countBySteps, type Sent, serviceIn, sourceOptions } from "./mesh.ts";

const never = new AbortController().signal;
const RULES = new URL("../../../rules/prometheus/aftershock.rules.yaml", import.meta.url).pathname;
const START_MS = Date.parse("2026-03-06T00:00:00Z");
const GRID: Grid = { startMs: START_MS, stepMs: MINUTE_MS, steps: 7 * 60 };
const BLIND = { fromMs: START_MS + 3 * HOUR_MS + 1, toMs: START_MS + 3 * HOUR_MS + 7 * MINUTE_MS };

/**
 * Seven hours of one service with failures, slow requests and a stretch in which Prometheus was
 * away.
 */
function sevenHours(): { readonly sent: readonly Sent[]; readonly text: string } {
  const random = seededRandom(7);
  const life = { fromMs: START_MS - 10 * MINUTE_MS, toMs: stepStartMs(GRID, GRID.steps) + MINUTE_MS };
  const sent: Sent[] = [];
  const proxies = [4_321, 11_003].map(
    (phaseMs, i) => new MeshProxy({ instance: `c${i}:15020`, life, scrapeMs: 15_000, phaseMs, unscraped: [BLIND] }),
  );
  for (const proxy of proxies) {
    // Counters that are old by now: rate() does not see the first value of a series.
    for (const code of [200, 503]) send(proxy, { to: "shop/cart", atMs: life.fromMs, times: 10_000, code, tookMs: 20 });
    for (let atMs = life.fromMs; atMs < life.toMs; atMs += 1 + Math.floor(6_000 * random())) {
      const code = random() < 0.05 ? 503 : 200;
      send(proxy, { to: "shop/cart", atMs, code, tookMs: Math.ceil(8 + 200 * random() ** 4) });
    }
    proxy.count("istio_tcp_connections_opened_total", tcpLabels, life.fromMs, 500);
    for (let atMs = life.fromMs; atMs < life.toMs; atMs += 20_000) {
      proxy.count("istio_tcp_connections_opened_total", tcpLabels, atMs);
    }
  }
  function send(proxy: MeshProxy, request: Request): void {
    proxy.request(request);
    sent.push({ proxy, request });
  }
  return { sent, text: openMetrics(proxies.flatMap((proxy) => proxy.samples())) };
}
const tcpLabels = {
  reporter: "source",
  destination_service_name: "db",
  destination_service_namespace: "shop",
  response_flags: "-",
};

describeWith("prometheus", "history from a real Prometheus", () => {
  let sent: readonly Sent[];
  let text: string;
  let server: PrometheusServer;
  let recorder: Recorder;
  let source: MetricsSource;
  let history: Observation;

  beforeAll(async () => {
    ({ sent, text } = sevenHours());
    server = await startPrometheus(text);
    recorder = await startRecorder(server.url);
    source = prometheusSource(sourceOptions(recorder.url, stepStartMs(GRID, GRID.steps)));
    history = await source.history(GRID, never);
  });
  afterAll(async () => {
    await recorder[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /**
   * Steps that touch the blind stretch tell what was seen of them: the obvious count puts all that
   * was missed into one.
   */
  const isClear = (grid: Grid, i: number): boolean =>
    stepStartMs(grid, i - 1) > BLIND.toMs || stepStartMs(grid, i + 2) < BLIND.fromMs;

  const expectTruth = (observation: Observation, grid = GRID): void => {
    const cart = serviceIn(observation, "shop/cart");
    const latency = cart.latency;
    if (latency === null) throw new Error("no latency");
    const wants: readonly (readonly [Counts, (request: Request) => boolean])[] = [
      [cart.requests, () => true],
      [cart.failures, ({ code }) => code === 503],
      [latency.successes, ({ code }) => code === 200],
      ...latency.boundsMs.map(
        (bound, k) => [latency.slow[k]!, ({ code, tookMs = 0 }: Request) => code === 200 && tookMs > bound] as const,
      ),
    ];
    for (const [read, which] of wants) {
      const truth = countBySteps(grid, sent, which);
      cart.valid.forEach((valid, i) => {
        if (valid === 1 && isClear(grid, i)) expect(Math.abs(read[i]! - truth[i]!), `step ${i}`).toBeLessThan(1e-9);
      });
    }
  };

  test("requests, failures and slow requests are exact in every step that was scraped", () => expectTruth(history));

  test("steps in which Prometheus was away are not known; all others are", () => {
    const invalid = [...serviceIn(history, "shop/cart").valid].flatMap((valid, i) => (valid === 1 ? [] : [i]));
    expect(invalid.length).toBeGreaterThanOrEqual(7);
    expect(invalid.length).toBeLessThanOrEqual(9);
    expect(invalid.every((i) => i >= 179 && i <= 188)).toBe(true);
  });

  test("connections of a TCP service", () => {
    const db = serviceIn(history, "shop/db");
    expect(db.connections?.opened[30]).toBeCloseTo(6, 9);
    expect(db.valid[30]).toBe(1);
    expect(db.valid[182]).toBe(0);
  });

  test("bounds and reporter that were kept are used again", async () => {
    const kept = new Map([["shop/cart", { reporter: "source", boundsMs: [50, 1000] } as const]]);
    const again = await source.history({ ...GRID, steps: 30 }, never, kept);
    expect(serviceIn(again, "shop/cart").latency?.boundsMs).toEqual([50, 1000]);
    const counts = await source.counts({ ...GRID, steps: 30 }, never, kept);
    expect(serviceIn(counts, "shop/cart").latency?.boundsMs).toEqual([50, 1000]);
  });

  test("a service that had no bounds yet gets some", async () => {
    const kept = new Map([["shop/cart", { reporter: "source", boundsMs: [] } as const]]);
    const again = await source.counts({ ...GRID, steps: 30 }, never, kept);
    expect(serviceIn(again, "shop/cart").latency?.boundsMs.length).toBeGreaterThan(0);
  });

  test("history and counts tell the same", async () => {
    const grid = { ...GRID, startMs: START_MS + HOUR_MS, steps: 90 };
    const kept = new Map([["shop/cart", { reporter: "source", boundsMs: [25, 100] } as const]]);
    const [long, exact] = [await source.history(grid, never, kept), await source.counts(grid, never, kept)];
    const [a, b] = [serviceIn(long, "shop/cart"), serviceIn(exact, "shop/cart")];
    expect([...a.requests]).toEqual([...b.requests]);
    expect([...a.failures]).toEqual([...b.failures]);
    expect(a.latency).toEqual(b.latency);
  });

  test("a grid of several hours is counted in pieces, without a seam", async () => {
    const grid = { ...GRID, steps: 170 };
    const { requests } = serviceIn(await source.counts(grid, never), "shop/cart");
    expect([...requests]).toEqual([...countBySteps(grid, sent, () => true)]);
  });

  test("days before there was any data are not asked for", async () => {
    recorder.requests.length = 0;
    const week = { ...GRID, startMs: stepStartMs(GRID, GRID.steps) - 7 * 24 * HOUR_MS, steps: 7 * 24 * 60 };
    const long = await source.history(week, never);
    expect(recorder.requests.length).toBeLessThanOrEqual(20);
    expect(
      serviceIn(long, "shop/cart")
        .valid.subarray(0, week.steps - GRID.steps - 10)
        .includes(1),
    ).toBe(false);
    expect([...serviceIn(long, "shop/cart").requests.subarray(-GRID.steps)]).toEqual([
      ...serviceIn(history, "shop/cart").requests,
    ]);
  });

  test("recording rules are used where they were evaluated, and tell the same", async () => {
    await server.recordRules(RULES, START_MS, stepStartMs(GRID, GRID.steps));
    recorder.requests.length = 0;
    const sixHours: Grid = { ...GRID, startMs: START_MS + HOUR_MS, steps: 360 };
    const recorded = await source.history(sixHours, never);
    const queries = recorder.requests.map(({ params }) => params.get("query") ?? "");
    expect(queries.filter((query) => query.startsWith("last_over_time(aftershock:"))).toHaveLength(5);
    // Rules are evaluated at a second of the minute that Prometheus chooses: the minute before it
    // is what they count.
    const rule = "timestamp(aftershock:requests:increase1m)";
    const answer = await fetch(`${server.url}/api/v1/query?query=${rule}&time=${START_MS / 1000 + 3_600}`);
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    const sinceMinuteMs = (Number(data.result[0]?.value[1]) * 1000) % MINUTE_MS;
    expectTruth(recorded, { ...sixHours, startMs: sixHours.startMs + sinceMinuteMs - MINUTE_MS });
    expect(serviceIn(recorded, "shop/db").connections?.opened[300]).toBeCloseTo(6, 9);
  });

  test("a chunk that is too large for the server is asked for in halves", async () => {
    await using small = await startPrometheus(text, { args: ["--query.max-samples=1000"] });
    const tight = prometheusSource(sourceOptions(small.url, stepStartMs(GRID, GRID.steps)));
    const cut = await tight.history(GRID, never, new Map([["shop/cart", { reporter: "source", boundsMs: [50] }]]));
    expect([...serviceIn(cut, "shop/cart").requests]).toEqual([...serviceIn(history, "shop/cart").requests]);
    expect(cut.sourceRequests).toBeGreaterThan(history.sourceRequests);
  });
});
