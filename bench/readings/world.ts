import type { Signal } from "../../src/core/model/verdict.ts";
import type { WrittenSeries } from "../../test/support/remote-write.ts";
import { type Random, randomOf } from "../lib/random.ts";

/** What happens to shop/cart at T0, or not. */
export const WORLDS = ["nothing fails", "burst", "lasting failures", "slow", "less traffic", "retried"] as const;
export type World = (typeof WORLDS)[number];

/** What is true of a signal of shop/cart, by how the world was made. */
export type Truth = "steady" | "passing" | "lasting";
export const TRUTH: Readonly<Record<World, Readonly<Partial<Record<Signal, Truth>>>>> = {
  "nothing fails": {},
  burst: { failures: "passing" },
  "lasting failures": { failures: "lasting" },
  slow: { latency: "lasting" },
  "less traffic": { rate: "lasting" },
  retried: {},
};

export const SCRAPE_MS = 15_000;
export const T0_MS = Date.parse("2026-03-06T10:00:00Z");
export const BEFORE_MS = 40 * 60_000;
export const AFTER_MS = 25 * 60_000;
/** A few scrapes more on both sides. */
const SLACK_MS = 4 * 60_000;
/** Of each caller, a second. */
const REQUESTS_A_SECOND = 12;
const PODS = 3;
const BOUNDS_MS = [5, 10, 25, 50, 100, 250, 1000, Number.POSITIVE_INFINITY];

export interface Series extends WrittenSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}
export interface Made {
  readonly series: readonly Series[];
  /** Requests to shop/cart before T0. */
  readonly requestsBefore: number;
}

interface Edge {
  readonly from: string;
  readonly to: string;
}
const EDGES: readonly Edge[] = [
  { from: "gateway", to: "web" },
  { from: "web", to: "cart" },
  { from: "cart", to: "stock" },
];

/**
 * Counters of one proxy by series, growing scrape by scrape; a series is born when it first counts.
 */
class Counters {
  readonly made = new Map<
    string,
    { labels: Record<string, string>; timesMs: number[]; values: number[]; now: number }
  >();

  add(labels: Record<string, string>, amount: number): void {
    const key = JSON.stringify(labels);
    const one = this.made.get(key) ?? { labels, timesMs: [], values: [], now: 0 };
    one.now += amount;
    this.made.set(key, one);
  }

  scrape(atMs: number): void {
    for (const one of this.made.values()) {
      one.timesMs.push(atMs);
      one.values.push(one.now);
    }
  }
}

/**
 * The raw counters of a small mesh: gateway → web → cart → stock, three pods each, as every proxy
 * is scraped every 15 s.
 */
export function makeWorld(world: World, seed: number): Made {
  const random = randomOf(seed);
  const all: Series[] = [];
  let requestsBefore = 0;
  const endMs = T0_MS + AFTER_MS + SLACK_MS;
  const firstMs = T0_MS - BEFORE_MS - SLACK_MS;
  for (const name of ["gateway", "web", "cart", "stock"]) {
    for (let pod = 0; pod < PODS; pod++) {
      const counters = new Counters();
      const target = targetOf(name, pod);
      const phaseMs = 1 + random.int(SCRAPE_MS - 2);
      for (let atMs = firstMs + phaseMs; atMs <= endMs; atMs += SCRAPE_MS) {
        counters.add({ __name__: "up", ...target }, atMs === firstMs + phaseMs ? 1 : 0);
        for (const edge of EDGES) {
          if (edge.from === name) {
            const sent = report(counters, { random, world, edge, target, reporter: "source", atMs });
            if (edge.to === "cart" && atMs > T0_MS - BEFORE_MS && atMs <= T0_MS) requestsBefore += sent;
          }
          if (edge.to === name && name === "cart")
            report(counters, { random, world, edge, target, reporter: "destination", atMs });
        }
        counters.scrape(atMs);
      }
      all.push(...counters.made.values());
    }
  }
  return { series: all, requestsBefore };
}

export const targetOf = (name: string, pod: number): Record<string, string> => ({
  job: "kubernetes-pods",
  instance: `10.0.${["gateway", "web", "cart", "stock"].indexOf(name)}.${10 + pod}:15020`,
  namespace: "shop",
  pod: `${name}-${pod}`,
});

interface Report {
  readonly random: Random;
  readonly world: World;
  readonly edge: Edge;
  readonly target: Record<string, string>;
  readonly reporter: "source" | "destination";
  readonly atMs: number;
}

/** What a proxy counts between two scrapes; answers how many requests it saw. */
function report(counters: Counters, { random, world, edge, target, reporter, atMs }: Report): number {
  const hit = edge.to === "cart" && atMs > T0_MS;
  const factor = hit && world === "less traffic" ? 0.4 : 1;
  const n = random.poisson((REQUESTS_A_SECOND * factor * SCRAPE_MS) / 1000 / PODS);
  const bad = random.binomial(n, reporter === "source" && hit ? failing(world, atMs) : 0);
  const labels = (code: string, flags: string): Record<string, string> => ({
    ...requestOf(edge, reporter, code, flags),
    ...target,
  });
  counters.add({ __name__: "istio_requests_total", ...labels("200", "-") }, n - bad);
  if (bad > 0) counters.add({ __name__: "istio_requests_total", ...labels("503", "UF") }, bad);
  // An attempt that failed and was tried again: the caller counts one request, the callee's proxy
  // counts two.
  const retried = reporter === "destination" && hit && world === "retried" ? random.binomial(n, 0.3) : 0;
  if (retried > 0) counters.add({ __name__: "istio_requests_total", ...labels("503", "-") }, retried);
  const slower = hit && world === "slow" ? 4 : 1;
  const counts = BOUNDS_MS.map(() => 0);
  for (let i = 0; i < n - bad; i++) {
    const tookMs = slower * 20 * Math.exp(0.8 * random.normal());
    counts[BOUNDS_MS.findIndex((bound) => tookMs <= bound)]!++;
  }
  let total = 0;
  BOUNDS_MS.forEach((bound, i) => {
    total += counts[i]!;
    const le = bound === Number.POSITIVE_INFINITY ? "+Inf" : `${bound}`;
    counters.add({ __name__: "istio_request_duration_milliseconds_bucket", ...labels("200", "-"), le }, total);
  });
  return n;
}

function failing(world: World, atMs: number): number {
  if (world === "lasting failures") return 0.5;
  return world === "burst" && atMs <= T0_MS + 90_000 ? 0.6 : 0;
}

const requestOf = ({ from, to }: Edge, reporter: string, code: string, flags: string): Record<string, string> => ({
  reporter,
  source_workload: from,
  source_workload_namespace: "shop",
  source_cluster: "Kubernetes",
  destination_workload: to,
  destination_workload_namespace: "shop",
  destination_service: `${to}.shop.svc.cluster.local`,
  destination_service_name: to,
  destination_service_namespace: "shop",
  destination_cluster: "Kubernetes",
  request_protocol: "http",
  response_code: code,
  response_flags: flags,
  connection_security_policy: reporter === "source" ? "unknown" : "mutual_tls",
});
