import { afterAll, beforeAll, expect, test } from "vitest";
import { prometheusSource } from "../../../src/adapters/prometheus/source.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { describeWith } from "../../support/requires.ts";
import { type PrometheusServer, startPrometheus } from "../../support/servers/prometheus.ts";
import { sourceOptions } from "./mesh.ts";

const never = new AbortController().signal;
const FROM_MS = Date.parse("2026-03-06T09:00:00Z");
const MINUTES = 20;
/** From here on every node is as busy as it is told to become. */
const TURN_MS = FROM_MS + 10 * MINUTE_MS;
const SCRAPE_MS = 15 * SECOND_MS;
const NODES = ["node-a", "node-b", "node-c", "node-d", "node-e"];

/** A counter of seconds that grows by `before`, then by `after` in each second. */
function counter(name: string, labels: string, [before, after]: readonly [number, number]): string[] {
  return Array.from({ length: (MINUTES * MINUTE_MS) / SCRAPE_MS + 1 }, (_, i) => {
    const atMs = FROM_MS + i * SCRAPE_MS;
    const value = (Math.min(atMs, TURN_MS) - FROM_MS) * before + Math.max(atMs - TURN_MS, 0) * after;
    return `${name}{${labels}} ${value / SECOND_MS} ${atMs / SECOND_MS}`;
  });
}
const gauge = (name: string, labels: string, value: number): string[] =>
  Array.from(
    { length: (MINUTES * MINUTE_MS) / SCRAPE_MS + 1 },
    (_, i) => `${name}{${labels}} ${value} ${(FROM_MS + i * SCRAPE_MS) / SECOND_MS}`,
  );

const PSI = "node_pressure_cpu_waiting_seconds_total";
const USED = "container_cpu_usage_seconds_total";
/** Each node is scraped as another scrape configuration in use does it. */
const METRICS = [
  ["# TYPE node_pressure_cpu_waiting_seconds counter"],
  counter(PSI, 'instance="10.0.0.1:9100"', [0.05, 0.6]),
  counter(PSI, 'instance="10.0.0.3:9100",node="node-c"', [0.3, 0.3]),
  counter(PSI, 'instance="10.0.0.9:9100",node="of-another-cluster"', [1, 1]),
  ["# TYPE node_uname_info gauge"],
  gauge("node_uname_info", 'instance="10.0.0.1:9100",nodename="node-a"', 1),
  ["# TYPE container_cpu_usage_seconds counter"],
  counter(USED, 'id="/",instance="node-b"', [1, 3.8]),
  counter(USED, 'id="/",instance="node-c"', [4, 4]),
  counter(USED, 'id="/kubepods/x",instance="node-b",pod="go-app-1"', [4, 4]),
  counter(USED, 'id="/",instance="10.0.0.4:10250",kubernetes_io_hostname="node-d"', [0.5, 0.5]),
  ["# TYPE container_cpu_cfs_throttled_periods counter"],
  counter("container_cpu_cfs_throttled_periods_total", 'namespace="shop",pod="cart-1",container="app"', [0.5, 4]),
  counter("container_cpu_cfs_throttled_periods_total", 'namespace="other",pod="x-1",container="app"', [9, 9]),
  ["# TYPE container_cpu_cfs_periods counter"],
  counter("container_cpu_cfs_periods_total", 'namespace="shop",pod="cart-1",container="app"', [10, 10]),
  counter("container_cpu_cfs_periods_total", 'namespace="other",pod="x-1",container="app"', [10, 10]),
  ["# TYPE machine_cpu_cores gauge"],
  gauge("machine_cpu_cores", 'instance="node-b"', 4),
  gauge("machine_cpu_cores", 'instance="node-c"', 4),
  gauge("machine_cpu_cores", 'instance="10.0.0.4:10250"', 2),
  ["# EOF", ""],
]
  .flat()
  .join("\n");

describeWith("prometheus", "how short of CPU nodes were", () => {
  let server: PrometheusServer;
  beforeAll(async () => {
    server = await startPrometheus(METRICS);
  }, 60_000);
  afterAll(async () => server?.[Symbol.asyncDispose]());

  const during = (fromMs: number, toMs: number, matchers = {}) =>
    prometheusSource(sourceOptions(server.url, toMs, { matchers })).nodePressure!(NODES, { fromMs, toMs }, never);

  test("is read by node and by time, waiting before use, whatever the node's name is kept in", async () => {
    const rounded = async (fromMs: number, toMs: number) =>
      (await during(fromMs, toMs)).map(({ node, by, share }) => `${node} ${by} ${share.toFixed(2)}`).sort();
    expect(await rounded(FROM_MS, TURN_MS)).toEqual([
      "node-a waiting 0.05",
      "node-b busy 0.25",
      "node-c waiting 0.30",
      "node-d busy 0.25",
    ]);
    expect(await rounded(TURN_MS + MINUTE_MS, TURN_MS + 3 * MINUTE_MS)).toEqual([
      "node-a waiting 0.60",
      "node-b busy 0.95",
      "node-c waiting 0.30",
      "node-d busy 0.25",
    ]);
  });

  test("and how often pods were held back by their limits, of the namespaces that are asked for", async () => {
    const source = prometheusSource(sourceOptions(server.url, TURN_MS));
    const told = async (fromMs: number, toMs: number) =>
      (await source.throttled!(["shop", "cart"], { fromMs, toMs }, never)).map(
        ({ namespace, pod, share }) => `${namespace}/${pod} ${share.toFixed(2)}`,
      );
    expect(await told(FROM_MS, TURN_MS)).toEqual(["shop/cart-1 0.05"]);
    expect(await told(TURN_MS + MINUTE_MS, TURN_MS + 5 * MINUTE_MS)).toEqual(["shop/cart-1 0.40"]);
  });

  test("of nodes that nobody scraped then, or of another cluster, is not known", async () => {
    expect(await during(FROM_MS - 10 * MINUTE_MS, FROM_MS - 8 * MINUTE_MS)).toEqual([]);
    expect(await during(FROM_MS, TURN_MS, { cluster: "prod-eu" })).toEqual([]);
  });
});
