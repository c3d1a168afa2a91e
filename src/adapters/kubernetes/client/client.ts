import type { KubeConfig } from "@kubernetes/client-node";
import { AftershockError } from "../../../core/model/error.ts";
import { type CallCount, callCounter } from "./calls.ts";
import { credentialSource, NoCredentials } from "./credentials.ts";
import { toAftershockError } from "./errors.ts";
import { type KubeconfigOptions, loadKubeconfig } from "./kubeconfig.ts";
import { askJson, type Outgoing, openStream } from "./raw.ts";
import { Refusal } from "./refusal.ts";
import { type Pools, transport } from "./transport.ts";

export interface ConnectOptions extends KubeconfigOptions {
  /** Longest time for one request with its answer, ms of real time. */
  readonly timeoutMs?: number;
  /** Longest time to connect, ms of real time. */
  readonly connectTimeoutMs?: number;
  /**
   * Told what the API server's clock showed with each answer that came at once, ms since the epoch,
   * known to a second.
   */
  readonly heard?: ((serverMs: number) => void) | undefined;
  /** Hears of each request how long it took, ms, and whether it was answered as asked. */
  readonly answered?: ((verb: string, ms: number, how: "ok" | "failed") => void) | undefined;
}

/** One request to the API server. */
export interface Ask {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** From the server's address on, its parts escaped: `collectionPath`, `objectPath`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON; of a PATCH it is a merge patch, in which null removes a field. */
  readonly body?: object;
  /**
   * Asked when credentials and connections are there and the request goes out: why it must not, or
   * null. Then it rejects with `order-stale`.
   */
  readonly whyNot?: (() => string | null) | undefined;
}

/**
 * The API server of one kubeconfig context: JSON over one pool of connections, each request with a
 * timeout, counted.
 */
export interface KubernetesClient extends AsyncDisposable {
  /** Address of the API server, for messages. */
  readonly server: string;
  /**
   * Namespace of the pod whose service account we use; null with a kubeconfig: where a person works
   * says nothing of where Aftershock is installed.
   */
  readonly namespace: string | null;
  /**
   * Makes one request, once. The answer is a JSON object; that it is a `T` is the API's promise.
   * Times in it are text (RFC 3339), whatever the type says. Rejects with an AftershockError, or
   * with the signal's reason when the caller aborted.
   */
  request<T extends object = object>(ask: Ask, signal: AbortSignal): Promise<T>;
  /**
   * Opens a watch and answers its body; ends when the server ends it or `signal` aborts. Rejects as
   * `request` does.
   */
  stream(path: string, query: Ask["query"], signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** All requests since the start, most frequent first. */
  calls(): readonly CallCount[];
  close(): Promise<void>;
}

/**
 * Longest time for one request when the caller does not say, ms. An eviction may take 10 s in the
 * server alone.
 */
const DEFAULT_TIMEOUT_MS = 15_000;
/**
 * Under this name the server keeps what we did: in its audit log, and as manager of the fields that
 * we write.
 */
const USER_AGENT = "aftershock";

/** The name that client-node gives to the context of a pod's own service account. */
const POD_CONTEXT = "inClusterContext";

const podNamespace = (config: KubeConfig): string | null =>
  config.getCurrentContext() === POD_CONTEXT ? (config.getContextObject(POD_CONTEXT)?.namespace ?? null) : null;

/**
 * Loads the credentials and prepares the pool; makes no request yet. Throws `usage` when there is
 * no kubeconfig.
 */
export function connect(options: ConnectOptions = {}): KubernetesClient {
  const config = loadKubeconfig(options);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const server = config.getCurrentCluster()!.server.replace(/\/+$/, "");
  const credentials = credentialSource(config, () =>
    loadKubeconfig({ ...options, context: config.getCurrentContext() }),
  );
  const { poolsFor, close } = transport(options.connectTimeoutMs);
  const counter = callCounter();

  async function outgoing(
    { method, body }: Ask,
    url: string,
    pool: keyof Pools,
    signal: AbortSignal,
  ): Promise<Outgoing> {
    const signed = await credentials.get(signal);
    const dispatcher = (await poolsFor(signed))[pool];
    const accepted = { ...signed.headers, Accept: "application/json", "User-Agent": USER_AGENT };
    const { heard } = options;
    if (body === undefined) return { method, url, headers: accepted, dispatcher, heard };
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    return {
      method,
      url,
      headers: { ...accepted, "Content-Type": type },
      dispatcher,
      heard,
      body: JSON.stringify(body),
    };
  }

  /**
   * Counts the request, makes it over one of the pools, and says in our words what went wrong with
   * it. `limited` ends `send`, too.
   */
  async function ask<T>(
    what: Ask,
    pool: keyof Pools,
    send: (outgoing: Outgoing, limited: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const url = what.query === undefined ? what.path : `${what.path}?${new URLSearchParams(what.query)}`;
    const request = counter.count(what.method, url);
    const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const began = performance.now();
    const answered = (how: "ok" | "failed") => options.answered?.(request.verb, performance.now() - began, how);
    try {
      const out = await outgoing(what, `${server}${url}`, pool, limited);
      const why = what.whyNot?.() ?? null;
      if (why !== null) throw new AftershockError("order-stale", why);
      const answer = await send(out, limited);
      answered("ok");
      return answer;
    } catch (cause) {
      answered("failed");
      if (signal.aborted) throw signal.reason;
      if (cause instanceof Refusal && cause.status === 401) credentials.refused();
      const silent = limited.aborted && !(cause instanceof NoCredentials);
      throw toAftershockError(silent ? limited.reason : cause, request, server);
    }
  }

  return {
    server,
    namespace: podNamespace(config),
    async request<T extends object>(what: Ask, signal: AbortSignal) {
      return (await ask(what, "requests", askJson, signal)) as T;
    },
    stream(path, query, signal) {
      const what: Ask = { method: "GET", path, ...(query === undefined ? {} : { query }) };
      return ask(what, "watches", (out) => openStream(out, timeoutMs, signal), signal);
    },
    calls: counter.counts,
    close,
    [Symbol.asyncDispose]: close,
  };
}
