import { afterAll, beforeAll, expect, test } from "vitest";
import { prometheusSource } from "../../../src/adapters/prometheus/source.ts";
import { type Observation, stepAt, stepStartMs } from "../../../src/core/model/series.ts";
import type { MetricsSource } from "../../../src/ports/metrics.ts";
import type { NativeForm } from "../../support/native-histograms.ts";
import type { Request } from "../../support/openmetrics.ts";
import { describeWith, describeWithPrometheus3 } from "../../support/requires.ts";
import type { PrometheusServer } from "../../support/servers/prometheus.ts";
import { type Recorder, startRecorder } from "../../support/servers/recorder.ts";
import { countBySteps, type Sent, serviceIn, sourceOptions } from "./mesh.ts";
import { CUSTOM, EXPONENTIAL, GRID, MIDDLE_MS, nativeMesh, RESTART_MS, startWith } from "./native-mesh.ts";

const never = new AbortController().signal;
const MIDDLE = stepAt(GRID, MIDDLE_MS);
const isPowerOfTwo = (n: number): boolean => Number.isInteger(Math.log2(n));

/** What holds for both kinds of buckets. */
function readsNativeHistograms(form: NativeForm): void {
  let sent: readonly Sent[];
  let server: PrometheusServer;
  let recorder: Recorder;
  let source: MetricsSource;
  let counts: Observation;
  let history: Observation;

  beforeAll(async () => {
    const mesh = nativeMesh(form);
    sent = mesh.sent;
    server = await startWith(mesh.proxies);
    recorder = await startRecorder(server.url);
    source = prometheusSource(sourceOptions(recorder.url, stepStartMs(GRID, GRID.steps)));
    counts = await source.counts(GRID, never);
    history = await source.history(GRID, never);
  });
  afterAll(async () => {
    await recorder?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const truth = (to: string, which: (request: Request) => boolean = () => true): number[] => [
    ...countBySteps(GRID, sent, (request) => request.to === to && (request.code ?? 200) === 200 && which(request)),
  ];
  const latencyOf = (observation: Observation, service: string) => {
    const { latency } = serviceIn(observation, service);
    if (latency === null) throw new Error(`no latency of ${service}`);
    return latency;
  };
  const expectTruth = (observation: Observation, service: string, known: (step: number) => boolean): void => {
    const { boundsMs, successes, slow } = latencyOf(observation, service);
    expect(boundsMs.length).toBeGreaterThanOrEqual(2);
    const only = (values: ArrayLike<number>): number[] => Array.from(values).filter((_, i) => known(i));
    expect(only(successes)).toEqual(only(truth(service)));
    boundsMs.forEach((bound, k) => {
      const slower = truth(service, ({ tookMs = 0 }) => tookMs > bound);
      expect(only(slow[k]!), `slower than ${bound} ms`).toEqual(only(slower));
    });
  };

  test.each(["shop/cart", "shop/both", "shop/classic", "shop/moving", "shop/mixed"])(
    "%s: successful requests, and those slower than each bound, are exact in every step",
    (service) => {
      expectTruth(counts, service, () => true);
      expectTruth(history, service, () => true);
    },
  );

  test("a proxy that begins anew disturbs no step but those of its restart", () => {
    const restart = stepAt(GRID, RESTART_MS);
    for (const observation of [counts, history]) {
      expectTruth(observation, "shop/stock", (i) => i < restart || i > restart + 1);
    }
  });

  test("a service that was moved to native histograms is read on, or not known; never is everything slow", () => {
    for (const observation of [counts, history]) {
      const { successes } = latencyOf(observation, "shop/moved");
      // The step in which the new series begin is known from their second sample on.
      expectTruth(observation, "shop/moved", (i) => i !== MIDDLE && successes[i]! > 0);
      const known = successes.filter((n) => n > 0).length;
      // A bound of 50 ms is no boundary of exponential buckets, one of 32 ms none of classic ones.
      expect(known).toBeGreaterThanOrEqual(form.kind === "custom" ? GRID.steps - 1 : GRID.steps / 2 - 1);
    }
  });

  test("bounds are Istio's own with custom buckets, powers of two with exponential ones", () => {
    const { boundsMs } = latencyOf(counts, "shop/cart");
    if (form.kind === "custom") expect(form.boundsMs).toEqual(expect.arrayContaining([...boundsMs]));
    else expect(boundsMs.every(isPowerOfTwo)).toBe(true);
  });

  test("the notes say what was read from native histograms; where both are scraped, classic ones are", () => {
    const note = counts.notes.find((one) => one.startsWith("Latency is read from native histograms"));
    expect(note).toMatch(/: shop\/cart, shop\/mixed, shop\/moving, shop\/stock\.$/);
    expect(counts.notes.join()).not.toContain("incomplete");
    const { boundsMs } = latencyOf(counts, "shop/both");
    expect(boundsMs.some((bound) => !isPowerOfTwo(bound))).toBe(true);
  });

  test("bounds that were kept are used again; those of buckets that are gone are chosen anew", async () => {
    const reading = (boundsMs: readonly number[]) =>
      new Map([["shop/cart", { reporter: "source", boundsMs } as const]]);
    const { boundsMs } = latencyOf(counts, "shop/cart");
    const some = boundsMs.slice(1);
    expect(latencyOf(await source.counts(GRID, never, reading(some)), "shop/cart").boundsMs).toEqual(some);
    const gone = await source.counts(GRID, never, reading([33, 77]));
    expect(latencyOf(gone, "shop/cart")).toEqual(latencyOf(counts, "shop/cart"));
  });

  test("native histograms cost two requests more", () => {
    expect(counts.sourceRequests).toBeLessThanOrEqual(11);
    const native = recorder.requests.filter(({ params }) =>
      /^sum[^{]*\(rate\(istio_request_duration_milliseconds\{/.test(params.get("query") ?? ""),
    );
    expect(native.length).toBeGreaterThan(2);
  });
}

describeWith("prometheus", "native histograms with exponential buckets, from a real Prometheus", () =>
  readsNativeHistograms(EXPONENTIAL),
);
describeWithPrometheus3("native histograms with custom buckets, from a real Prometheus", () =>
  readsNativeHistograms(CUSTOM),
);
