import { parseArgs } from "node:util";
import { type ServerType, serve } from "@hono/node-server";
import { Hono } from "hono";
import { stringify } from "yaml";
import { DAY_MS, WEEK_MS } from "../core/model/units.ts";
import { catalogOf, isStoryName, STORIES, type StoryName } from "./catalog/stories.ts";
import { acceleratedClock, type SandboxClock } from "./clock.ts";
import { Cluster } from "./cluster/cluster.ts";
import { ObjectStore } from "./cluster/object-store.ts";
import { kubernetesApi } from "./kubernetes/api.ts";
import { prometheusApi } from "./prometheus/api.ts";
import { randomFor, uuid } from "./random.ts";
import { TelemetryStore } from "./telemetry/store.ts";
import { SLOT_MS } from "./traffic/slots.ts";
import { Traffic } from "./traffic/traffic.ts";

export interface SandboxOptions {
  /** 0: any free one. */
  readonly port?: number;
  readonly clock: SandboxClock;
  readonly seed: number;
  readonly story: StoryName;
  /** How much history Prometheus has at the start. */
  readonly historyMs: number;
  /** When the present begins; now, if it is not given. With it two starts on the same clock are the same cluster. */
  readonly originMs?: number;
}

export interface Sandbox {
  readonly url: string;
  /** A kubeconfig, as YAML, whose current context is this cluster. */
  readonly kubeconfig: string;
  readonly prometheusUrl: string;
  close(): Promise<void>;
}

/** Prometheus is reached below this path, the API server at the root. */
const PROMETHEUS_PATH = "/prometheus";
/** How often the cluster moves on when nobody asks, ms of real time. */
const PUMP_MS = 25;
/** Samples older than history and this are forgotten. */
const RETENTION_MARGIN_MS = DAY_MS;
const FIRST_RESOURCE_VERSION = 1_000_000;

/** A small cluster with a mesh and its Prometheus, on `clock`, reachable over HTTP on loopback. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { port = 0, clock, seed, story, historyMs, originMs = Math.floor(clock.nowMs()) } = options;
  const startMs = Math.floor((originMs - historyMs) / SLOT_MS) * SLOT_MS;
  const catalog = catalogOf(story);
  const telemetry = new TelemetryStore(clock);
  const traffic = new Traffic(catalog, seed, startMs, originMs, telemetry);
  const cluster = new Cluster(catalog, seed, startMs, originMs, new ObjectStore(FIRST_RESOURCE_VERSION), traffic);
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
  const server = await listen(app, port);
  const pump = setInterval(advance, PUMP_MS);
  const url = `http://127.0.0.1:${portOf(server)}`;
  return {
    url,
    kubeconfig: kubeconfigFor(url),
    prometheusUrl: `${url}${PROMETHEUS_PATH}`,
    close: () => {
      clearInterval(pump);
      return closed(server);
    },
  };
}

function forgetDaily(cluster: Cluster, traffic: Traffic, atMs: number, keptMs: number): void {
  cluster.at(atMs + DAY_MS, (nowMs) => {
    traffic.drop(nowMs - keptMs, nowMs);
    forgetDaily(cluster, traffic, nowMs, keptMs);
  });
}

const listen = (app: Hono, port: number): Promise<ServerType> =>
  new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, () => resolve(server));
    server.once("error", reject);
  });

function portOf(server: ServerType): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the sandbox does not listen on a port");
  return address.port;
}

const closed = (server: ServerType): Promise<void> =>
  new Promise((resolve, reject) => {
    server.close((cause) => (cause === undefined ? resolve() : reject(cause)));
    if ("closeAllConnections" in server) server.closeAllConnections();
  });

function kubeconfigFor(server: string): string {
  const name = "sandbox";
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: "default" } }],
    "current-context": name,
  });
}

const DEFAULT_SPEED = "240";

/** The process: `node src/sandbox/main.ts --port 0 --seed 1 --story stale --speed 240 --sim-origin-ms … --real-origin-ms …` */
async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string", default: "0" },
      seed: { type: "string", default: "1" },
      story: { type: "string", default: "stale" },
      speed: { type: "string", default: DEFAULT_SPEED },
      "sim-origin-ms": { type: "string" },
      "real-origin-ms": { type: "string" },
      "history-ms": { type: "string", default: String(WEEK_MS) },
    },
  });
  const { story } = values;
  if (!isStoryName(story)) throw new TypeError(`--story: one of ${Object.keys(STORIES).join(", ")}, not ${story}`);
  const realOriginMs = number("real-origin-ms", values["real-origin-ms"] ?? String(Date.now()));
  const simOriginMs = number("sim-origin-ms", values["sim-origin-ms"] ?? String(realOriginMs));
  const clock = acceleratedClock(
    { simOriginMs, realOriginMs, speed: number("speed", values.speed) },
    { nowMs: Date.now },
  );
  const sandbox = await startSandbox({
    port: number("port", values.port),
    clock,
    seed: number("seed", values.seed),
    story,
    historyMs: number("history-ms", values["history-ms"]),
    originMs: simOriginMs,
  });
  const { url, prometheusUrl, kubeconfig } = sandbox;
  process.stdout.write(`${JSON.stringify({ url, prometheusUrl, kubeconfig })}\n`);
  const stop = (): void => void sandbox.close().then(() => process.exit(0));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new TypeError(`--${name}: a number, not ${text}`);
  return value;
}

if (import.meta.main) {
  run(process.argv.slice(2)).catch((cause: unknown) => {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    process.exitCode = 1;
  });
}
