import type { Grid } from "../../src/core/model/series.ts";
import type { Signal } from "../../src/core/model/verdict.ts";
import type { WrittenSeries } from "../../test/support/remote-write.ts";
import { type Random, randomOf } from "../lib/random.ts";

/** What happens to shop/cart, and to connections of shop/db, at T0, or not. */
export const WORLDS = ["nothing fails", "burst", "lasting failures", "slow", "less traffic", "retried"] as const;
export type World = (typeof WORLDS)[number];

/** What is true of a signal of these two, by how the world was made. */
export type Truth = "steady" | "passing" | "lasting";
export const TRUTH: Readonly<Record<World, Readonly<Partial<Record<Signal, Truth>>>>> = {
  "nothing fails": {},
  burst: { failures: "passing", connections: "passing" },
  "lasting failures": { failures: "lasting", connections: "lasting" },
  slow: { latency: "lasting" },
  "less traffic": { rate: "lasting" },
  retried: {},
};

export const SCRAPE_MS = 15_000;
/** Nobody injects at whole minutes. */
export const T0_MS = Date.parse("2026-03-06T10:00:23Z");
export const BEFORE_MS = 40 * 60_000;
export const AFTER_MS = 25 * 60_000;
/** A few scrapes more on both sides. */
const SLACK_MS = 4 * 60_000;
const STEP_MS = 60_000;
export const GRID: Grid = { startMs: T0_MS - BEFORE_MS, stepMs: STEP_MS, steps: (BEFORE_MS + AFTER_MS) / STEP_MS };
const CONNECTIONS_A_SECOND = 4;
const PODS = 3;
export const BOUNDS_MS = [5, 10, 25, 50, 100, 250, 1000, Number.POSITIVE_INFINITY];

export interface Series extends WrittenSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}
/** What one caller really sent in each step, as its proxies were scraped. */
export interface Sent {
  readonly all: Float64Array;
  readonly failed: Float64Array;
}
export interface Made {
  readonly series: readonly Series[];
  /** Requests to shop/cart by caller. */
  readonly requests: Readonly<Record<"web" | "app", Sent>>;
  /** Connections to shop/db. */
  readonly connections: Sent;
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly requestsASecond: number;
}
const EDGES: readonly Edge[] = [
  { from: "gateway", to: "web", requestsASecond: 12 },
  { from: "web", to: "cart", requestsASecond: 12 },
  { from: "app", to: "cart", requestsASecond: 4 },
  { from: "cart", to: "stock", requestsASecond: 12 },
];
const NAMES = ["gateway", "web", "cart", "stock", "app"];

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
 * The raw counters of a small mesh: gateway → web → cart → stock, app → cart, and cart's
 * connections to db; three pods each, as every proxy is scraped every 15 s.
 */
export function makeWorld(world: World, seed: number): Made {
  const random = randomOf(seed);
  const all: Series[] = [];
  const sent = (): Sent => ({ all: new Float64Array(GRID.steps), failed: new Float64Array(GRID.steps) });
  const made = { requests: { web: sent(), app: sent() }, connections: sent() };
  const endMs = T0_MS + AFTER_MS + SLACK_MS;
  const firstMs = T0_MS - BEFORE_MS - SLACK_MS;
  for (const name of NAMES) {
    for (let pod = 0; pod < PODS; pod++) {
      const counters = new Counters();
      const target = targetOf(name, pod);
      const phaseMs = 1 + random.int(SCRAPE_MS - 2);
      for (let atMs = firstMs + phaseMs; atMs <= endMs; atMs += SCRAPE_MS) {
        counters.add({ __name__: "up", ...target }, atMs === firstMs + phaseMs ? 1 : 0);
        for (const edge of EDGES) {
          const of = { random, world, edge, target, atMs };
          if (edge.from === name) {
            const one = report(counters, { ...of, reporter: "source" });
            if (edge.to === "cart") note(made.requests[edge.from === "app" ? "app" : "web"], atMs, one);
          }
          if (edge.to === name && name === "cart") report(counters, { ...of, reporter: "destination" });
        }
        if (name === "cart") note(made.connections, atMs, connect(counters, { random, world, target, atMs }));
        counters.scrape(atMs);
      }
      all.push(...counters.made.values());
    }
  }
  return { series: all, ...made };
}

/** Adds what a scrape saw to its step. */
function note(to: Sent, atMs: number, { n, bad }: Seen): void {
  const step = Math.ceil((atMs - GRID.startMs) / GRID.stepMs) - 1;
  if (step < 0 || step >= GRID.steps) return;
  to.all[step]! += n;
  to.failed[step]! += bad;
}

export const targetOf = (name: string, pod: number): Record<string, string> => ({
  job: "kubernetes-pods",
  instance: `10.0.${NAMES.indexOf(name)}.${10 + pod}:15020`,
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

interface Seen {
  readonly n: number;
  readonly bad: number;
}

/** What a proxy counts between two scrapes. */
function report(counters: Counters, { random, world, edge, target, reporter, atMs }: Report): Seen {
  const hit = edge.to === "cart" && atMs > T0_MS;
  const factor = hit && world === "less traffic" ? 0.4 : 1;
  const sent = random.poisson((edge.requestsASecond * factor * SCRAPE_MS) / 1000 / PODS);
  const failed = random.binomial(sent, hit ? failing(world, atMs) : 0);
  // A request whose connection failed never reached the callee's proxy.
  const [n, bad] = reporter === "source" ? [sent, failed] : [sent - failed, 0];
  const labels = (code: string, flags: string): Record<string, string> => ({
    ...requestOf(edge, reporter, code, flags),
    ...target,
  });
  counters.add({ __name__: "istio_requests_total", ...labels("200", "-") }, n - bad);
  if (bad > 0) counters.add({ __name__: "istio_requests_total", ...labels("503", "UF") }, bad);
  // An attempt that failed and was tried again: the caller counts one request, the callee's proxy
  // counts two.
  const isRetried = reporter === "destination" && hit && world === "retried" && edge.from === "web";
  const retried = isRetried ? random.binomial(n, 0.3) : 0;
  if (retried > 0) counters.add({ __name__: "istio_requests_total", ...labels("503", "-") }, retried);
  const slower = hit && world === "slow" ? 4 : 1;
  const counts = BOUNDS_MS.map(() => 0);
  // A failure is told at once, in the histogram too.
  for (const le of bad > 0 ? BOUNDS_MS.map(boundName) : []) {
    counters.add({ __name__: "istio_request_duration_milliseconds_bucket", ...labels("503", "UF"), le }, bad);
  }
  for (let i = 0; i < n - bad; i++) {
    const tookMs = slower * 20 * Math.exp(0.8 * random.normal());
    counts[BOUNDS_MS.findIndex((bound) => tookMs <= bound)]!++;
  }
  let total = 0;
  BOUNDS_MS.forEach((bound, i) => {
    total += counts[i]!;
    const le = boundName(bound);
    counters.add({ __name__: "istio_request_duration_milliseconds_bucket", ...labels("200", "-"), le }, total);
  });
  return { n, bad };
}

/** Connections that cart opens to db, and closes at once. */
function connect(
  counters: Counters,
  { random, world, target, atMs }: Pick<Report, "random" | "world" | "target" | "atMs">,
): Seen {
  const n = random.poisson((CONNECTIONS_A_SECOND * SCRAPE_MS) / 1000 / PODS);
  const bad = random.binomial(n, atMs > T0_MS ? failing(world, atMs) : 0);
  const labels = (flags: string): Record<string, string> => {
    const { response_code: _, ...rest } = requestOf({ from: "cart", to: "db" }, "source", "", flags);
    return { ...rest, request_protocol: "tcp", ...target };
  };
  for (const end of ["opened", "closed"]) {
    counters.add({ __name__: `istio_tcp_connections_${end}_total`, ...labels("-") }, n - bad);
    if (bad > 0) counters.add({ __name__: `istio_tcp_connections_${end}_total`, ...labels("UF") }, bad);
  }
  return { n, bad };
}

const boundName = (bound: number): string => (bound === Number.POSITIVE_INFINITY ? "+Inf" : `${bound}`);

function failing(world: World, atMs: number): number {
  if (world === "lasting failures") return 0.5;
  return world === "burst" && atMs <= T0_MS + 90_000 ? 0.6 : 0;
}

type Ends = Pick<Edge, "from" | "to">;
const requestOf = ({ from, to }: Ends, reporter: string, code: string, flags: string): Record<string, string> => ({
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
