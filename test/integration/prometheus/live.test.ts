import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prometheusSource } from "../../../src/adapters/prometheus/source.ts";
import { type Grid, stepStartMs } from "../../../src/core/model/series.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import { MeshProxy, openMetrics, type ProxyOptions } from "../../support/openmetrics.ts";
import { describeWith } from "../../support/requires.ts";
import { type PrometheusServer, startPrometheus } from "../../support/servers/prometheus.ts";
import { startRecorder } from "../../support/servers/recorder.ts";
import { serviceIn, sourceOptions } from "./mesh.ts";
import { trappedMesh } from "./scenario.ts";

const never = new AbortController().signal;
const START_MS = Date.parse("2026-03-06T09:00:00Z");
const GRID: Grid = { startMs: START_MS, stepMs: MINUTE_MS, steps: 20 };
const END_MS = stepStartMs(GRID, GRID.steps);
const LIFE = { fromMs: START_MS - 10 * MINUTE_MS, toMs: END_MS + MINUTE_MS };

/** One client that sends a request every second to shop/cart. */
function steadyMesh(more: Partial<ProxyOptions> = {}, relabel?: (labels: Record<string, string>) => void): string {
  const proxy = new MeshProxy({ instance: "a:15020", life: LIFE, scrapeMs: 15_000, phaseMs: 7_300, ...more });
  for (let atMs = LIFE.fromMs; atMs < LIFE.toMs; atMs += 1000) proxy.request({ to: "shop/cart", atMs, tookMs: 12 });
  const samples = proxy.samples().map((sample) => {
    const labels = { ...sample.labels };
    relabel?.(labels);
    return { ...sample, labels };
  });
  return openMetrics(samples);
}

/**
 * A source in front of which `time()` is answered as if the server's clock stood where ours does,
 * plus `skewMs`.
 */
async function healthOf(server: PrometheusServer, nowMs: number, skewMs = 0) {
  const answer = { status: "success", data: { resultType: "scalar", result: [0, `${(nowMs + skewMs) / 1000}`] } };
  await using recorder = await startRecorder(server.url, ({ params }) =>
    params.get("query") === "time()" ? JSON.stringify(answer) : null,
  );
  return await prometheusSource(sourceOptions(recorder.url, nowMs)).health(never);
}

describeWith("prometheus", "looks at a real Prometheus", () => {
  describe("of a mesh with every trap", () => {
    let grid: Grid;
    let t0Ms: number;
    let server: PrometheusServer;
    beforeAll(async () => {
      const scenario = trappedMesh({ stepMs: 60_000, scrapeMs: 15_000, steps: 30 });
      ({ grid, t0Ms } = scenario);
      server = await startPrometheus(scenario.text);
    });
    afterAll(() => server[Symbol.asyncDispose]());

    test("edges: who called whom, over HTTP and TCP, also over a connection that was opened once", async () => {
      const source = prometheusSource(sourceOptions(server.url, t0Ms));
      const edges = await source.edges({ fromMs: grid.startMs, toMs: t0Ms - MINUTE_MS }, never);
      const load = { kind: "Other", namespace: "load", name: "load" };
      const cart = edges.find(({ callee }) => callee === "shop/cart");
      expect(cart).toMatchObject({ caller: load, protocol: "http" });
      expect(cart?.perSecond).toBeGreaterThan(0.5);
      const database = edges.find(({ callee }) => callee === "shop/db");
      expect(database).toEqual({
        caller: { kind: "Other", namespace: "shop", name: "tools" },
        callee: "shop/db",
        protocol: "tcp",
        perSecond: 0,
      });
      const long = await source.edges({ fromMs: t0Ms - 7 * 24 * 60 * MINUTE_MS, toMs: t0Ms - MINUTE_MS }, never);
      expect(long.map(({ callee }) => callee)).toEqual(edges.map(({ callee }) => callee));
      expect(long.find(({ callee }) => callee === "shop/cart")?.perSecond).toBeGreaterThan(0.2);
    });

    test("recent: a burst of 503s that makes its own series is seen at once, with one request", async () => {
      await using recorder = await startRecorder(server.url);
      const recent = await prometheusSource(sourceOptions(recorder.url, t0Ms)).recent(
        t0Ms + MINUTE_MS,
        MINUTE_MS,
        never,
      );
      const cart = recent.find(({ service }) => service === "shop/cart");
      const all = await prometheusSource(sourceOptions(server.url, t0Ms)).counts(grid, never);
      const exact = serviceIn(all, "shop/cart");
      expect(cart).toEqual({ service: "shop/cart", requests: exact.requests[15], failures: exact.failures[15] });
      expect(cart?.failures).toBeGreaterThan(20);
      const outside = recent.find(({ service }) => service === "shop/public");
      expect(outside?.requests).toBe(serviceIn(all, "shop/public").requests[15]);
      expect(recorder.requests).toHaveLength(1);
    });
  });

  test("a Prometheus that was away: those steps are not known, and the notes say when", async () => {
    const away = { fromMs: START_MS + 10 * MINUTE_MS + 1, toMs: START_MS + 14 * MINUTE_MS };
    await using server = await startPrometheus(steadyMesh({ unscraped: [away] }));
    const observation = await prometheusSource(sourceOptions(server.url, END_MS)).counts(GRID, never);
    const cart = serviceIn(observation, "shop/cart");
    // A part of what the first scrape after it shows happened before.
    expect([...cart.valid]).toEqual(GRID_STEPS.map((i) => (i >= 10 && i <= 14 ? 0 : 1)));
    expect([...cart.requests.subarray(0, 10)]).toEqual(new Array(10).fill(60));
    expect([...cart.requests.subarray(15)]).toEqual(new Array(5).fill(60));
    expect(cart.requests[14]).toBeLessThan(90);
    expect(observation.notes.join()).toContain(
      "little or nothing between 2026-03-06T09:10:00Z and 2026-03-06T09:14:00Z",
    );
  });

  test("steps that have not been scraped yet are not known", async () => {
    await using server = await startPrometheus(steadyMesh());
    const longer = { ...GRID, steps: 25 };
    const { valid, requests } = serviceIn(
      await prometheusSource(sourceOptions(server.url, END_MS)).counts(longer, never),
      "shop/cart",
    );
    expect([...valid.subarray(0, 21)]).toEqual(new Array(21).fill(1));
    expect([...valid.subarray(22)]).toEqual([0, 0, 0]);
    expect(requests[20]).toBe(60);
  });

  test("scrapes exactly on the grid count like any others", async () => {
    await using server = await startPrometheus(steadyMesh({ phaseMs: 0 }));
    const source = prometheusSource(sourceOptions(server.url, END_MS));
    const { requests, latency } = serviceIn(await source.counts(GRID, never), "shop/cart");
    expect([...requests]).toEqual(new Array(20).fill(60));
    expect([...(latency?.successes ?? [])]).toEqual(new Array(20).fill(60));
    expect([...serviceIn(await source.history(GRID, never), "shop/cart").requests]).toEqual(new Array(20).fill(60));
  });

  test("scrapes a millisecond after the grid's steps begin: windows of Prometheus 3 leave the first out, no share changes", async () => {
    await using server = await startPrometheus(steadyMesh({ phaseMs: 1 }));
    const source = prometheusSource(sourceOptions(server.url, END_MS));
    const { requests, latency } = serviceIn(await source.counts(GRID, never), "shop/cart");
    expect([...requests]).toEqual(new Array(20).fill(60));
    expect(new Set(latency?.successes)).toEqual(new Set([process.env.AFTERSHOCK_PROMETHEUS_3 ? 45 : 60]));
    latency?.boundsMs.forEach((bound, k) => {
      expect([...latency.slow[k]!]).toEqual([...latency.successes].map((all) => (bound < 12 ? all : 0)));
    });
    expect([...serviceIn(await source.history(GRID, never), "shop/cart").requests]).toEqual(new Array(20).fill(60));
  });

  test("a clock that is behind Prometheus' is said", async () => {
    await using server = await startPrometheus(steadyMesh());
    const late = sourceOptions(server.url, END_MS - 5 * MINUTE_MS);
    const observation = await prometheusSource(late).counts(GRID, never);
    expect(observation.notes.join()).toMatch(/29\d s in our future/);
  });

  test("health: a mesh that is scraped", async () => {
    await using server = await startPrometheus(steadyMesh());
    expect(await healthOf(server, END_MS)).toEqual({
      blind: null,
      scrapeIntervalMs: 15_000,
      clockSkewMs: 0,
      services: 1,
    });
  });

  test("health: clocks that differ", async () => {
    await using server = await startPrometheus(steadyMesh());
    const health = await healthOf(server, END_MS, 95_000);
    expect(health).toMatchObject({ clockSkewMs: 95_000 });
    expect(health.blind).toMatch(/clock is 95 s ahead of ours: synchronise/);
  });

  test("health: samples that stopped", async () => {
    await using server = await startPrometheus(steadyMesh());
    expect((await healthOf(server, LIFE.toMs + 4 * MINUTE_MS)).blind).toMatch(
      /newest sample of the mesh is 2\d\d s old/,
    );
  });

  test("health: the reporter label was relabelled away", async () => {
    const text = steadyMesh({}, (labels) => {
      delete labels.reporter;
    });
    await using server = await startPrometheus(text);
    expect((await healthOf(server, END_MS)).blind).toMatch(/no label reporter .*labeldrop/);
    const observation = await prometheusSource(sourceOptions(server.url, END_MS)).counts(GRID, never);
    expect(observation.services).toEqual([]);
    expect(observation.notes.join()).toMatch(/aftershock doctor/);
  });

  test.each([
    "istio_requests_total_total",
    "mesh_istio_requests_total",
    "istio_requests_1_total",
    "shop:istio_requests:sum",
  ])("health: the request counter was renamed on the way to %s", async (name) => {
    const text = steadyMesh()
      .replaceAll("istio_requests_total", name)
      .replaceAll("# TYPE istio_requests ", "# TYPE x ");
    await using server = await startPrometheus(text);
    const { blind } = await healthOf(server, END_MS);
    expect(blind).toContain(`has no istio_requests_total, and ${name} instead: something on the way renames`);
  });

  test("health: no mesh at all", async () => {
    const text = openMetrics([{ name: "up", labels: { job: "node" }, atMs: START_MS, value: 1 }]);
    await using server = await startPrometheus(text);
    expect((await healthOf(server, END_MS)).blind).toMatch(/no request counter of istio/);
  });
});

const GRID_STEPS = Array.from({ length: GRID.steps }, (_, i) => i);
