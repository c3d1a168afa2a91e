import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prometheusSource } from "../../../src/adapters/prometheus/source.ts";
import { type Counts, type Observation, stepAt, stepStartMs } from "../../../src/core/model/series.ts";
import type { Request } from "../../support/openmetrics.ts";
import { describeWith } from "../../support/requires.ts";
import { type PrometheusServer, startPrometheus } from "../../support/servers/prometheus.ts";
import { countBySteps, serviceIn, sourceOptions } from "./mesh.ts";
import { type Scenario, trappedMesh } from "./scenario.ts";

const never = new AbortController().signal;
const sum = (array: Counts | Uint8Array): number => Array.from(array).reduce((a, b) => a + b, 0);
const isFailed = ({ code = 200, flags, grpcStatus }: Request): boolean =>
  flags !== "DC" && (code >= 500 || code === 0 || grpcStatus === 14);

describeWith("prometheus", "counts from a real Prometheus", () => {
  describe.each([
    { name: "minutes, scraped every 15 s", stepMs: 60_000, scrapeMs: 15_000, steps: 30 },
    { name: "10 s steps, scraped every 5 s", stepMs: 10_000, scrapeMs: 5_000, steps: 60 },
  ])("$name", (shape) => {
    let scenario: Scenario;
    let server: PrometheusServer;
    let observation: Observation;

    beforeAll(async () => {
      scenario = trappedMesh(shape);
      server = await startPrometheus(scenario.text);
      const endMs = stepStartMs(scenario.grid, scenario.grid.steps);
      observation = await prometheusSource(sourceOptions(server.url, endMs)).counts(scenario.grid, never);
    });
    afterAll(() => server[Symbol.asyncDispose]());

    const truth = (to: string, which: (request: Request) => boolean = () => true, reporter = "source"): number[] => [
      ...countBySteps(
        scenario.grid,
        scenario.sent,
        (request) => request.to === to && (request.reporter ?? "source") === reporter && which(request),
      ),
    ];

    test.each([
      { name: "a service whose pod dies: 503s that make new series, whose destination is unknown", to: "shop/cart" },
      { name: "a service that only fails", to: "shop/broken" },
      { name: "a service that nobody calls any more", to: "shop/idle" },
      { name: "callers who went away, and connections that died", to: "shop/cut" },
      { name: "gRPC failures behind a 200", to: "shop/grpc" },
      { name: "a name with quotes, a backslash and a line break", to: `shop/we"ird\\na\nme` },
      { name: "other buckets in one pod", to: "shop/mixed" },
      { name: "bounds as Prometheus 3 writes them", to: "shop/modern" },
      { name: "a client that is replaced", to: "shop/replaced" },
    ])("$name: requests and failures are exact in every step", ({ to }) => {
      const { requests, failures } = serviceIn(observation, to);
      expect([...requests]).toEqual(truth(to));
      expect([...failures]).toEqual(truth(to, isFailed));
    });

    test("the failures of a killed pod are flagged and never exceed the requests", () => {
      const cart = serviceIn(observation, "shop/cart");
      expect(sum(cart.failures)).toBeGreaterThan(20);
      expect(Object.keys(cart.flags)).toEqual(["UF", "UH", "URX"]);
      expect((cart.flags.UH ?? 0) + (cart.flags.UF ?? 0)).toBe(sum(cart.failures));
      expect(cart.failures.every((failed, i) => failed <= cart.requests[i]!)).toBe(true);
      expect(cart.reporter).toBe("source");
    });

    test("an idle service is known to be idle", () => {
      const idle = serviceIn(observation, "shop/idle");
      expect(sum(idle.requests)).toBe(0);
      expect(idle.valid.every((valid) => valid === 1)).toBe(true);
    });

    test("a restarted proxy loses only what it had not yet shown", () => {
      const stock = serviceIn(observation, "shop/stock");
      const expected = truth("shop/stock");
      const differing = expected.flatMap((requests, i) => (requests === stock.requests[i] ? [] : [i]));
      const restart = stepAt(scenario.grid, scenario.t0Ms + 1.4 * shape.stepMs);
      expect(differing.every((i) => Math.abs(i - restart) <= 1)).toBe(true);
      expect(sum(stock.requests)).toBeGreaterThan(0.9 * expected.reduce((a, b) => a + b, 0));
      expect(sum(stock.requests)).toBeLessThanOrEqual(expected.reduce((a, b) => a + b, 0));
    });

    test("a proxy that is seen for the first time and proves nothing does not pour its life into one step", () => {
      const { requests, valid } = serviceIn(observation, "shop/unproven");
      const seenFrom = stepAt(scenario.grid, scenario.t0Ms + 3 * shape.stepMs);
      expect(requests.subarray(0, seenFrom).every((n) => n === 0)).toBe(true);
      expect(valid.subarray(0, seenFrom).every((known) => known === 0)).toBe(true);
      expect([...requests.subarray(seenFrom + 1)]).toEqual(truth("shop/unproven").slice(seenFrom + 1));
      expect(observation.notes.join()).toMatch(/series began with a proxy that was seen for the first time/);
    });

    test("steps that were not scraped are not known, and nothing of them lands in the next", () => {
      const { requests, valid } = serviceIn(observation, "shop/hidden");
      const expected = truth("shop/hidden");
      const gone = expected.map((_, i) => i >= shape.steps / 2 - 6 && i < shape.steps / 2 - 3);
      gone.forEach((hidden, i) => {
        if (hidden) expect(valid[i]).toBe(0);
      });
      const next = shape.steps / 2 - 3;
      const usual = Math.max(...expected.slice(0, next - 4));
      expect(requests[next]).toBeLessThanOrEqual(2 * usual);
      const known = expected.flatMap((n, i) => (i < next - 4 || i > next ? [[n, requests[i]]] : []));
      expect(known.every(([n, read]) => n === read)).toBe(true);
      expect(sum(valid)).toBeGreaterThanOrEqual(shape.steps - 5);
    });

    test("callers outside the mesh: read from the service's own proxies, and said so", () => {
      const service = serviceIn(observation, "shop/public");
      expect(service.reporter).toBe("destination");
      expect([...service.requests]).toEqual(truth("shop/public", () => true, "destination"));
      expect(observation.notes.join()).toMatch(/callers are outside the mesh.*shop\/public/);
    });

    test("a waypoint is counted once", () => {
      const service = serviceIn(observation, "shop/ambient");
      expect(service.reporter).toBe("source");
      expect([...service.requests]).toEqual(truth("shop/ambient", () => true, "source"));
    });

    test("what is no service is left out", () => {
      const names = observation.services.map(({ service }) => service);
      expect(names).not.toContain("unknown/httpbin.org");
      expect(names).not.toContain("shop/PassthroughCluster");
    });

    test.each(["shop/cart", "shop/grpc", "shop/mixed", "shop/modern", "shop/ambient", "shop/public"])(
      "%s: slow requests among successful ones are exact for each bound",
      (to) => {
        const { latency, reporter } = serviceIn(observation, to);
        if (latency === null) throw new Error("no latency");
        const succeeded = (request: Request): boolean => !isFailed(request);
        expect([...latency.successes]).toEqual(truth(to, succeeded, reporter));
        latency.boundsMs.forEach((boundMs, k) => {
          const slow = (request: Request): boolean => succeeded(request) && (request.tookMs ?? 0) > boundMs;
          expect([...latency.slow[k]!], `slower than ${boundMs} ms`).toEqual(truth(to, slow, reporter));
        });
        expect(latency.boundsMs.length).toBeGreaterThanOrEqual(2);
      },
    );

    test("pods with other buckets are noticed, and only common bounds used", () => {
      const { latency } = serviceIn(observation, "shop/mixed");
      expect(latency?.boundsMs.every((bound) => [1, 5, 50, 100, 1000].includes(bound))).toBe(true);
      expect(observation.notes.join()).toMatch(/different latency buckets.*shop\/mixed/);
    });

    test("a service that only fails has no latency", () => {
      expect(serviceIn(observation, "shop/broken").latency).toBeNull();
    });

    test("connections of a service that speaks only TCP", () => {
      const { connections, valid, requests, flags } = serviceIn(observation, "shop/db");
      if (connections === null) throw new Error("no connections");
      const half = shape.steps / 2;
      expect(sum(requests)).toBe(0);
      expect(valid.every((known) => known === 1)).toBe(true);
      expect(sum(connections.opened.subarray(0, half))).toBe(0);
      expect(sum(connections.failed)).toBe(half);
      expect(sum(connections.opened)).toBe(half);
      expect(sum(connections.closed)).toBe(half + 1);
      expect(flags).toEqual({ UF: half });
    });

    test("nine requests are enough, however many services there are", () => {
      expect(observation.sourceRequests).toBeLessThanOrEqual(9);
    });
  });
});
