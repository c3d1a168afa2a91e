import { createHash } from "node:crypto";
import type { RequestOptions } from "node:https";
import type { KubeConfig, RequestContext } from "@kubernetes/client-node";
import { Agent, type Dispatcher, ProxyAgent } from "undici";

/** Who we are, for one request, and the connections that it goes over. */
export interface Signature {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

/**
 * Signs requests and hands every one of them the same connection pool. client-node alone opens a new pool, hence a new
 * TLS connection, for each request. The pool is replaced when the certificates of the kubeconfig change.
 */
export interface Transport {
  /** Asks the kubeconfig's plugin, token file or provider where there is one; rejects with what they say. */
  sign(): Promise<Signature>;
  close(): Promise<void>;
}

/** Connections to one API server: enough for the parallel lists of a snapshot and a few watches. */
const MAX_CONNECTIONS = 16;
/** How long an idle connection is kept, ms; load balancers in front of API servers cut after 60 s. */
const KEEP_ALIVE_MS = 30_000;
/** Longest time to connect, ms. */
const CONNECT_TIMEOUT_MS = 5_000;

export function transport(config: KubeConfig): Transport {
  let pool: { readonly key: string; readonly opened: Promise<Dispatcher> } | null = null;
  const poolFor = (options: RequestOptions): Promise<Dispatcher> => {
    const key = tlsKey(options);
    if (pool?.key === key) return pool.opened;
    const old = pool?.opened;
    const opened = openPool(config, options);
    pool = { key, opened };
    opened.catch(() => {
      if (pool?.opened === opened) pool = null; // tried afresh
    });
    old?.then((dispatcher) => dispatcher.close()).catch(() => undefined); // lets what runs on the old one end
    return opened;
  };
  return {
    async sign() {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      const headers = Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value)]);
      if (options.auth) headers.push(["Authorization", `Basic ${Buffer.from(options.auth).toString("base64")}`]);
      return { headers: Object.fromEntries(headers), dispatcher: await poolFor(options) };
    },
    async close() {
      const last = pool?.opened;
      pool = null;
      await (await last)?.destroy();
    },
  };
}

async function openPool(config: KubeConfig, options: RequestOptions): Promise<Dispatcher> {
  const cluster = config.getCurrentCluster();
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = options;
  const tls = { ca, cert, key, passphrase, servername, rejectUnauthorized };
  const known = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
  const chosen = config.createDispatcherOptions(cluster, known);
  // undici speaks HTTP/2 wherever it is offered, and a session of it that ends may take the whole process down (undici 8.12).
  const limits = { connections: MAX_CONNECTIONS, keepAliveTimeout: KEEP_ALIVE_MS, allowH2: false };
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

/** client-node keeps its SOCKS connector to itself: let it make one pool, and keep that. Of the request it only wants these two. */
async function socksPool(config: KubeConfig): Promise<Dispatcher> {
  const made: Dispatcher[] = [];
  const request = { setHeaderParam() {}, setDispatcher: (dispatcher: Dispatcher) => void made.push(dispatcher) };
  await config.applySecurityAuthentication(request as unknown as RequestContext);
  const [dispatcher] = made;
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
