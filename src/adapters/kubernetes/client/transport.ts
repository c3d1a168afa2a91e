import { createHash } from "node:crypto";
import type { RequestOptions } from "node:https";
import type { KubeConfig, RequestContext } from "@kubernetes/client-node";
import { Agent, type Dispatcher, Pool, ProxyAgent } from "undici";
import type { Credentials } from "./credentials.ts";

/**
 * Connections to one API server. HTTP/1.1 gives each watch a connection of its own for as long as
 * it stands: they have a pool without bounds, so that however many there are, requests find room in
 * theirs.
 */
export interface Pools {
  readonly requests: Dispatcher;
  readonly watches: Dispatcher;
}

/**
 * Hands every request the same connections. client-node alone opens a new pool, hence a new TLS
 * connection, for each request. They are replaced when the certificates of the kubeconfig change.
 */
export interface Transport {
  poolsFor(credentials: Credentials): Promise<Pools>;
  close(): Promise<void>;
}

/** Enough for the parallel lists of a snapshot. */
const MAX_CONNECTIONS = 16;
/**
 * How long an idle connection is kept, ms; load balancers in front of API servers cut after 60 s.
 */
const KEEP_ALIVE_MS = 30_000;
/** Longest time to connect, ms. */
const CONNECT_TIMEOUT_MS = 5_000;

export function transport(connectTimeoutMs = CONNECT_TIMEOUT_MS): Transport {
  let pool: { readonly key: string; readonly opened: Promise<Pools> } | null = null;
  return {
    poolsFor({ config, options }) {
      const key = tlsKey(options);
      if (pool?.key === key) return pool.opened;
      const old = pool?.opened;
      const opened = openPools(config, options, connectTimeoutMs);
      pool = { key, opened };
      opened.catch(() => {
        if (pool?.opened === opened) pool = null; // tried afresh
      });
      old?.then((pools) => eachOf(pools, (one) => one.close())).catch(() => undefined); // lets what runs on the old ones end
      return opened;
    },
    async close() {
      const last = pool?.opened;
      pool = null;
      const pools = await last?.catch(() => null);
      if (pools) await eachOf(pools, (one) => one.destroy());
    },
  };
}

const eachOf = async ({ requests, watches }: Pools, end: (one: Dispatcher) => Promise<void>): Promise<void> =>
  void (await Promise.all([...new Set([requests, watches])].map(end)));

async function openPools(config: KubeConfig, options: RequestOptions, timeout: number): Promise<Pools> {
  const cluster = config.getCurrentCluster();
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = options;
  const tls = { ca, cert, key, passphrase, servername, rejectUnauthorized };
  const known = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
  const chosen = config.createDispatcherOptions(cluster, known);
  // undici speaks HTTP/2 wherever it is offered, and a session of it that ends may take the whole
  // process down (undici 8.12).
  const limits = { keepAliveTimeout: KEEP_ALIVE_MS, allowH2: false };
  const both = (open: (bounds: typeof limits & { connections?: number }) => Dispatcher): Pools => ({
    requests: open({ ...limits, connections: MAX_CONNECTIONS }),
    watches: open(limits),
  });
  switch (chosen.type) {
    case "agent":
      return both((bounds) => new Agent({ ...bounds, connect: { ...known, keepAlive: true, timeout } }));
    case "none":
      return both((bounds) => new Agent({ ...bounds, connect: { timeout } }));
    case "proxy":
      return both((bounds) => {
        const tunnels = { uri: chosen.uri, requestTls: { ...known, timeout }, proxyTls: { timeout } };
        return new ProxyAgent({ ...bounds, ...tunnels, clientFactory: patientFor(timeout) });
      });
    case "socks": {
      const pool = await socksPool(config); // without bounds
      return { requests: pool, watches: pool };
    }
  }
}

/**
 * A proxy that takes the CONNECT and says nothing would hold its connection, and all that wait for
 * it, for the five minutes that undici allows an answer.
 */
const patientFor =
  (headersTimeout: number) =>
  (origin: URL, options: object): Dispatcher =>
    new Pool(origin, { ...options, headersTimeout });

/**
 * client-node keeps its SOCKS connector to itself: let it make one pool, and keep that. Of the
 * request it only wants these two.
 */
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
