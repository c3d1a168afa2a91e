import { expect, test } from "vitest";
import { inspect } from "../../../src/adapters/prometheus/read/inspect.ts";
import type { Labels } from "../../../src/adapters/prometheus/signals/classify.ts";
import { istioSignals } from "../../integration/prometheus/mesh.ts";

const NOW_MS = Date.parse("2026-03-06T10:00:00Z");
const request: Labels = {
  reporter: "source",
  source_workload: "web",
  source_workload_namespace: "shop",
  destination_service_name: "cart",
  destination_service_namespace: "shop",
  response_code: "200",
  response_flags: "-",
  job: "pods",
  instance: "10.0.0.1:15020",
  namespace: "shop",
  pod: "web-0",
};

/** What is said of these series, each scraped for five minutes. */
async function said(series: readonly Labels[]): Promise<string> {
  const timesMs = (): Float64Array => Float64Array.from({ length: 20 }, (_, i) => NOW_MS - 15_000 * (20 - i));
  const values = (): Float64Array => Float64Array.from({ length: 20 }, (_, i) => 100 + 10 * i);
  const session = {
    signal: new AbortController().signal,
    rows: async () => [],
    raw: async (
      _query: string,
      _atMs: number,
      onSeries: (labels: Labels, samples: { timesMs: Float64Array; values: Float64Array; n: number }) => void,
    ) => {
      for (const labels of series) onSeries(labels, { timesMs: timesMs(), values: values(), n: 20 });
    },
    range: async () => {},
    requests: () => 1,
  };
  const limits = await inspect({ session, signals: istioSignals(), matchers: {} }, NOW_MS);
  return limits.map(({ ok, says }) => `${ok ? "ok" : "fails"}: ${says}`).join("\n");
}

test("nothing limits a mesh that is scraped once, with all labels", async () => expect(await said([request])).toBe(""));

test("a proxy that two jobs scrape is listed, and no failure", async () => {
  expect(await said([request, { ...request, job: "envoy" }])).toMatch(
    /^ok: 1 proxy is scraped by job="envoy" and by job="pods"/,
  );
});

test("a label that is missing fails, and the place to look for it is named", async () => {
  const { response_code: _, ...without } = request;
  expect(await said([without])).toMatch(/^fails: failures cannot be judged.*response_code.*shop\/cart.*tagOverrides/);
});

test("sums over pods fail, and what to keep is named", async () => {
  const { pod: _pod, instance: _instance, ...sum } = request;
  expect(await said([sum])).toMatch(/^fails: Counters are sums over pods.*shop\/cart\. Keep pod and instance/);
});

test("each service whose counters are sums is named", async () => {
  const { pod: _pod, instance: _instance, ...sum } = request;
  const names = Array.from({ length: 12 }, (_, i) => `sum-${i}`);
  const text = await said(names.map((name) => ({ ...sum, destination_service_name: name })));
  for (const name of names) expect(text).toContain(`shop/${name}`);
});

test("two clusters that nobody told apart fail", async () => {
  expect(
    await said([
      { ...request, cluster: "eu" },
      { ...request, cluster: "us", pod: "web-1" },
    ]),
  ).toMatch(/fails: Prometheus has the mesh of several clusters \(cluster: eu, us\)/);
});
