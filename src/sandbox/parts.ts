import { Hono } from "hono";
import { DAY_MS } from "../core/model/units.ts";
import { catalogOf, type StoryName } from "./catalog/stories.ts";
import type { SandboxClock } from "./clock.ts";
import { Cluster } from "./cluster/cluster.ts";
import { ObjectStore } from "./cluster/object-store.ts";
import { kubernetesApi } from "./kubernetes/api.ts";
import { prometheusApi } from "./prometheus/api.ts";
import { randomFor, uuid } from "./random.ts";
import { TelemetryStore } from "./telemetry/store.ts";
import { SLOT_MS } from "./traffic/slots.ts";
import { Traffic } from "./traffic/traffic.ts";

export interface PartsOptions {
  readonly clock: SandboxClock;
  readonly seed: number;
  readonly story: StoryName;
  /** How much history Prometheus has at the start. */
  readonly historyMs: number;
  /**
   * When the present begins; now, if it is not given. With it two starts on the same clock are the
   * same cluster.
   */
  readonly originMs?: number;
}

/** A cluster with a mesh and its Prometheus, not reachable by anybody yet. */
export interface SandboxParts {
  /** Both HTTP APIs; each request first lets everything happen that is due. */
  readonly app: Hono;
  readonly telemetry: TelemetryStore;
  readonly cluster: Cluster;
  /** Lets everything happen that is due now. */
  advance(): void;
}

/** Prometheus is reached below this path, the API server at the root. */
export const PROMETHEUS_PATH = "/prometheus";
/** Samples older than history and this are forgotten. */
const RETENTION_MARGIN_MS = DAY_MS;
const FIRST_RESOURCE_VERSION = 1_000_000;

export function createParts({ clock, seed, story, historyMs, ...rest }: PartsOptions): SandboxParts {
  const originMs = rest.originMs ?? Math.floor(clock.nowMs());
  const startMs = Math.floor((originMs - historyMs) / SLOT_MS) * SLOT_MS;
  const catalog = catalogOf(story);
  const telemetry = new TelemetryStore(clock, startMs);
  const traffic = new Traffic(catalog, seed, startMs, originMs, telemetry);
  const store = new ObjectStore(FIRST_RESOURCE_VERSION);
  const cluster = new Cluster({ catalog, seed, startMs, originMs, store, traffic });
  forgetDaily(cluster, traffic, originMs, historyMs + RETENTION_MARGIN_MS);
  const advance = (): void => cluster.advance(clock.nowMs());
  const ids = randomFor(seed, "client objects");
  const app = new Hono();
  app.use(async (_, next) => {
    advance();
    await next();
  });
  app.route(PROMETHEUS_PATH, prometheusApi(telemetry, clock));
  app.route(
    "/",
    kubernetesApi(cluster, () => uuid(ids)),
  );
  return { app, telemetry, cluster, advance };
}

function forgetDaily(cluster: Cluster, traffic: Traffic, atMs: number, keptMs: number): void {
  cluster.at(atMs + DAY_MS, (nowMs) => {
    traffic.drop(nowMs - keptMs, nowMs);
    forgetDaily(cluster, traffic, nowMs, keptMs);
  });
}
