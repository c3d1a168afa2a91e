import { type ServerType, serve } from "@hono/node-server";
import type { Hono } from "hono";
import { stringify } from "yaml";
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

/**
 * Idle connections stay open: while one query is computed, a timer would close connections on which
 * the next request already waits.
 */
const NEVER = 0;

/**
 * A small cluster with a mesh and its Prometheus, on the given clock, reachable over HTTP on
 * loopback.
 */
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
    if ("keepAliveTimeout" in server) server.keepAliveTimeout = NEVER;
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
