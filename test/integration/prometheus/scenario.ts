import type { Grid } from "../../../src/core/model/series.ts";
import type { Window } from "../../../src/core/model/units.ts";
import { MeshProxy, openMetrics, type ProxyOptions, type Request } from "../../support/openmetrics.ts";
import { seededRandom } from "../../support/random.ts";
import type { Sent } from "./mesh.ts";

export interface Scenario {
  readonly grid: Grid;
  readonly t0Ms: number;
  readonly sent: readonly Sent[];
  readonly text: string;
}

/** How the grid and the scrapes lie to each other. */
export interface Shape {
  readonly stepMs: number;
  readonly scrapeMs: number;
  readonly steps: number;
}

const START_MS = Date.parse("2026-03-06T09:00:00Z");

/**
 * A mesh in which every trap is laid once, each in a service of its own. Something happens at
 * `t0Ms`, the middle of the grid.
 */
export function trappedMesh({ stepMs, scrapeMs, steps }: Shape): Scenario {
  const grid: Grid = { startMs: START_MS, stepMs, steps };
  const endMs = START_MS + steps * stepMs;
  const t0Ms = START_MS + (steps / 2) * stepMs;
  const life: Window = { fromMs: START_MS - 12 * scrapeMs, toMs: endMs + scrapeMs };
  const random = seededRandom(20260306);
  const proxies: MeshProxy[] = [];
  const sent: Sent[] = [];

  const proxy = (pod: string, more: Partial<ProxyOptions> = {}): MeshProxy => {
    // Whole numbers of ms, never on the grid.
    const phaseMs = 1 + Math.floor(random() * (scrapeMs - 2));
    const one = new MeshProxy({ instance: `${pod}:15020`, pod, life, scrapeMs, phaseMs, ...more });
    proxies.push(one);
    return one;
  };
  const send = (from: MeshProxy, request: Request): void => {
    from.request(request);
    sent.push({ proxy: from, request });
  };
  /** Requests at random times of `window`, `everyMs` apart in the mean. */
  const traffic = (from: MeshProxy, window: Window, everyMs: number, request: () => Omit<Request, "atMs">): void => {
    for (let atMs = window.fromMs; ; ) {
      atMs += 1 + Math.floor(-Math.log(1 - random()) * everyMs);
      if (atMs >= window.toMs) return;
      send(from, { ...request(), atMs });
    }
  };
  const every = scrapeMs / 5;
  const fast = (to: string): Omit<Request, "atMs"> => ({ to, tookMs: Math.ceil(8 + 60 * random() ** 3) });

  // shop/cart loses its pod: a burst of 503 makes new series, their destination workload is
  // unknown; its own proxies see nothing of it.
  const callers = [proxy("front-1"), proxy("front-2")];
  for (const caller of callers) traffic(caller, life, every, () => fast("shop/cart"));
  const cart = proxy("cart-1");
  for (const { request } of [...sent]) send(cart, { ...request, reporter: "destination" });
  for (const caller of callers) {
    traffic(caller, { fromMs: t0Ms, toMs: t0Ms + stepMs }, every / 3, () => ({
      to: "shop/cart",
      code: 503,
      flags: random() < 0.5 ? "UH" : "UF,URX",
      tookMs: 3,
    }));
  }

  // Only failures; nothing at all; a connection that died and a caller who went away; gRPC failures
  // behind a 200.
  const tools = proxy("tools-1");
  traffic(tools, life, every, () => ({ to: "shop/broken", code: 500, tookMs: 5 }));
  traffic(tools, { ...life, toMs: life.fromMs + 4 * scrapeMs }, every, () => fast("shop/idle"));
  traffic(tools, life, every, () => fast("shop/cut"));
  traffic(tools, life, every * 3, () => ({ to: "shop/cut", code: 0, flags: "DC" }));
  traffic(tools, life, every * 4, () => ({ to: "shop/cut", code: 0, flags: "UC" }));
  traffic(tools, life, every, () => ({ ...fast("shop/grpc"), grpcStatus: random() < 0.2 ? 14 : 0 }));
  traffic(tools, life, every * 3, () => ({ ...fast("shop/grpc"), grpcStatus: 5 }));
  traffic(tools, life, every * 2, () => ({ ...fast(`shop/we"ird\\na\nme`) }));
  traffic(tools, life, every, () => ({ ...fast("unknown/httpbin.org") }));
  traffic(tools, life, every, () => ({ ...fast("shop/PassthroughCluster") }));

  // A container begins anew in its pod; a pod is replaced by one that tells when it started, one
  // that was scraped before, one that does neither.
  const restarting = proxy("restarting-1", { resetsMs: [t0Ms + Math.round(1.4 * stepMs)] });
  traffic(restarting, life, every, () => fast("shop/stock"));
  const dying = proxy("old-1", { life: { ...life, toMs: t0Ms } });
  const newLife: Window = { fromMs: t0Ms + Math.round(0.9 * stepMs), toMs: life.toMs };
  const telling = proxy("new-1", { life: newLife, tellsStart: true });
  const idle = proxy("new-2", { life: newLife });
  const silent = proxy("new-3", { life: { ...life, fromMs: t0Ms + 3 * stepMs } });
  traffic(dying, { ...life, toMs: t0Ms }, every, () => fast("shop/replaced"));
  traffic(telling, newLife, every, () => fast("shop/replaced"));
  traffic(idle, { ...newLife, fromMs: newLife.fromMs + 3 * scrapeMs }, every, () => fast("shop/replaced"));
  traffic(silent, { fromMs: START_MS, toMs: life.toMs }, every, () => fast("shop/unproven"));

  // Callers outside the mesh; a waypoint that reports what clients report; pods with other buckets;
  // bounds as Prometheus 3 writes them.
  const outside = proxy("outside-1");
  traffic(tools, life, every * 2, () => fast("shop/public"));
  traffic(outside, life, every, () => ({ ...fast("shop/public"), reporter: "destination" }));
  const waypoint = proxy("waypoint-1");
  const viaWaypoint: { atMs: number; tookMs: number }[] = [];
  traffic(waypoint, life, every, () => ({ ...fast("shop/ambient"), reporter: "waypoint" }));
  for (const { proxy: by, request } of sent) {
    if (by === waypoint) viaWaypoint.push({ atMs: request.atMs, tookMs: request.tookMs ?? 0 });
  }
  for (const copy of viaWaypoint) send(tools, { to: "shop/ambient", ...copy });
  const odd = proxy("odd-1", { boundsMs: [1, 5, 20, 50, 70, 100, 1000] });
  traffic(tools, life, every, () => fast("shop/mixed"));
  traffic(odd, life, every, () => fast("shop/mixed"));
  const modern = proxy("modern-1", { le: (bound) => (Number.isInteger(bound) ? `${bound}.0` : `${bound}`) });
  traffic(modern, life, every, () => fast("shop/modern"));

  // A proxy that cannot be scraped for some steps.
  const hidden: Window = { fromMs: t0Ms - 6 * stepMs + 1, toMs: t0Ms - 3 * stepMs - 1 };
  const lost = proxy("lost-1", { down: [hidden] });
  traffic(lost, life, every, () => fast("shop/hidden"));

  // A database: one connection, opened long ago, broken at t0; after that every attempt fails.
  const tcp = (atMs: number, flags: string, name: string): void => {
    tools.count(name, tcpLabels(flags), atMs);
  };
  tcp(START_MS - 10 * scrapeMs, "-", "istio_tcp_connections_opened_total");
  tcp(t0Ms, "-", "istio_tcp_connections_closed_total");
  for (let atMs = t0Ms; atMs < endMs; atMs += stepMs) {
    tcp(atMs + 1000, "UF", "istio_tcp_connections_opened_total");
    tcp(atMs + 1000, "UF", "istio_tcp_connections_closed_total");
  }
  return { grid, t0Ms, sent, text: openMetrics(proxies.flatMap((one) => one.samples())) };
}

function tcpLabels(flags: string): Record<string, string> {
  return {
    reporter: "source",
    source_workload: "tools",
    source_workload_namespace: "shop",
    destination_service: "db.shop.svc.cluster.local",
    destination_service_name: "db",
    destination_service_namespace: "shop",
    request_protocol: "tcp",
    response_flags: flags,
  };
}
