import { createHash } from "node:crypto";
import type { RequestOptions } from "node:https";
import {
  type KubeConfig,
  type RequestContext,
  RequestContext as Scratch,
  type SecurityAuthentication,
} from "@kubernetes/client-node";
import { Agent, type Dispatcher, ProxyAgent } from "undici";

/**
 * Signs requests and hands every one of them the same connection pool. client-node alone opens a new pool, hence a new
 * TLS connection, for each request. The pool is replaced when the certificates of the kubeconfig change.
 */
export interface Transport extends SecurityAuthentication {
  close(): Promise<void>;
}

/** Connections to one API server: enough for the parallel lists of a snapshot and a few watches. */
const MAX_CONNECTIONS = 16;
/** How long an idle connection is kept, ms; load balancers in front of API servers cut after 60 s. */
const KEEP_ALIVE_MS = 30_000;
/** Longest time to connect, ms. */
const CONNECT_TIMEOUT_MS = 5_000;

export function transport(config: KubeConfig): Transport {
  let pool: { readonly key: string; readonly dispatcher: Dispatcher } | null = null;
  const poolFor = async (options: RequestOptions): Promise<Dispatcher> => {
    const key = tlsKey(options);
    if (pool?.key !== key) {
      const old = pool;
      pool = { key, dispatcher: await openPool(config, options) };
      old?.dispatcher.close().catch(() => undefined); // lets what runs on the old one end
    }
    return pool.dispatcher;
  };
  return {
    getName: () => "kubeconfig",
    async applySecurityAuthentication(context: RequestContext) {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      for (const [name, value] of Object.entries(options.headers ?? {})) context.setHeaderParam(name, String(value));
      if (options.auth) {
        context.setHeaderParam("Authorization", `Basic ${Buffer.from(options.auth).toString("base64")}`);
      }
      context.setDispatcher(await poolFor(options));
    },
    async close() {
      await pool?.dispatcher.destroy();
      pool = null;
    },
  };
}

async function openPool(config: KubeConfig, options: RequestOptions): Promise<Dispatcher> {
  const cluster = config.getCurrentCluster();
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = options;
  const tls = { ca, cert, key, passphrase, servername, rejectUnauthorized };
  const known = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
  const chosen = config.createDispatcherOptions(cluster, known);
  const limits = { connections: MAX_CONNECTIONS, keepAliveTimeout: KEEP_ALIVE_MS };
  switch (chosen.type) {
    case "agent":
      return new Agent({ ...limits, connect: { ...known, keepAlive: true, timeout: CONNECT_TIMEOUT_MS } });
    case "none":
      return new Agent({ ...limits, connect: { timeout: CONNECT_TIMEOUT_MS } });
    case "proxy":
      return new ProxyAgent({ ...limits, uri: chosen.uri, requestTls: known });
    case "socks":
      return socksPool(config);
  }
}

/** client-node keeps its SOCKS connector to itself: let it make one pool, and keep that. */
async function socksPool(config: KubeConfig): Promise<Dispatcher> {
  const scratch = new Scratch("http://unused.invalid/", "GET");
  await config.applySecurityAuthentication(scratch);
  const dispatcher = scratch.getDispatcher();
  if (dispatcher === undefined) throw new TypeError("client-node made no dispatcher for a SOCKS proxy");
  return dispatcher;
}

function tlsKey(options: RequestOptions): string {
  const hash = createHash("sha256");
  for (const part of [options.ca, options.cert, options.key, options.servername, options.rejectUnauthorized]) {
    hash.update(`${String(part)}\0`);
  }
  return hash.digest("hex");
}
