import { parseArgs } from "node:util";
import { type ServerType, serve } from "@hono/node-server";
import type { Hono } from "hono";
import { stringify } from "yaml";
import { WEEK_MS } from "../core/model/units.ts";
import { isStoryName, STORIES } from "./catalog/stories.ts";
import { acceleratedClock } from "./clock.ts";
import { createParts, type PartsOptions, PROMETHEUS_PATH } from "./parts.ts";

export interface SandboxOptions extends PartsOptions {
  /** 0: any free one. */
  readonly port?: number;
}

export interface Sandbox {
  readonly url: string;
  /** A kubeconfig, as YAML, whose current context is this cluster. */
  readonly kubeconfig: string;
  readonly prometheusUrl: string;
  close(): Promise<void>;
}

/** How often the cluster moves on when nobody asks, ms of real time. */
const PUMP_MS = 25;

/** A small cluster with a mesh and its Prometheus, on the given clock, reachable over HTTP on loopback. */
export async function startSandbox({ port = 0, ...options }: SandboxOptions): Promise<Sandbox> {
  const { app, advance } = createParts(options);
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
