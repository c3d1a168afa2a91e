import {
  AppsV1Api,
  AuthorizationV1Api,
  AutoscalingV2Api,
  BatchV1Api,
  type ConfigurationOptions,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  createConfiguration,
  EventsV1Api,
  Observable,
  PolicyV1Api,
  RequestContext,
  ServerConfiguration,
} from "@kubernetes/client-node";
import { type CallCount, callCounter } from "./calls.ts";
import { toAftershockError } from "./errors.ts";
import { type KubeconfigOptions, loadKubeconfig } from "./kubeconfig.ts";
import { getJson, openStream } from "./raw.ts";
import type { ApiRequest } from "./request.ts";
import { transport } from "./transport.ts";

export interface ConnectOptions extends KubeconfigOptions {
  /** Longest time for one request with its answer, ms of real time. */
  readonly timeoutMs?: number;
}

type Query = Readonly<Record<string, string>>;
interface Seen {
  request: ApiRequest | null;
}
type Run<T> = (options: ConfigurationOptions) => Promise<T>;

/** The API server of one kubeconfig context: typed calls over one pool of connections, each with a timeout, counted. */
export interface KubernetesClient extends AsyncDisposable {
  /** Address of the API server, for messages. */
  readonly server: string;
  /** Namespace of the context or of the pod's service account. */
  readonly namespace: string;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly batch: BatchV1Api;
  readonly policy: PolicyV1Api;
  readonly autoscaling: AutoscalingV2Api;
  readonly coordination: CoordinationV1Api;
  readonly events: EventsV1Api;
  readonly authorization: AuthorizationV1Api;
  readonly custom: CustomObjectsApi;
  /**
   * Makes one request: `call(signal, (options) => client.core.readNamespacedPod({ … }, options))`.
   * Rejects with an AftershockError, or with the signal's reason when the caller aborted.
   */
  call<T>(signal: AbortSignal, run: Run<T>): Promise<T>;
  /** One GET past client-node's models: the answer's JSON as it is. Rejects as `call` does. */
  get(path: string, query: Query, signal: AbortSignal): Promise<unknown>;
  /** Opens a watch and answers its body; ends when the server ends it or `signal` aborts. Rejects as `call` does. */
  stream(path: string, query: Query, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** All requests since the start, most frequent first. */
  calls(): readonly CallCount[];
  close(): Promise<void>;
}

/** Longest time for one request when the caller does not say, ms. An eviction may take 10 s in the server alone. */
const DEFAULT_TIMEOUT_MS = 15_000;

/** Loads the credentials and prepares the pool; makes no request yet. Throws `usage` when there is no kubeconfig. */
export function connect(options: ConnectOptions = {}): KubernetesClient {
  const config = loadKubeconfig(options);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const server = config.getCurrentCluster()!.server.replace(/\/+$/, "");
  const auth = transport(config);
  const counter = callCounter();
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(server, {}),
    authMethods: { default: auth },
  });

  /** Runs one request and says in our words what went wrong with it. */
  async function guarded<T>(signal: AbortSignal, seen: Seen, run: (limited: AbortSignal) => Promise<T>): Promise<T> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      return await run(limited);
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw toAftershockError(limited.aborted ? limited.reason : cause, seen.request, server);
    }
  }

  function call<T>(signal: AbortSignal, run: Run<T>): Promise<T> {
    const seen: Seen = { request: null };
    return guarded(signal, seen, (limited) =>
      run(
        before((context) => {
          seen.request = counter.count(context.getHttpMethod(), context.getUrl());
          context.setSignal(limited);
        }),
      ),
    );
  }

  async function signed(path: string, query: Query, seen: Seen): Promise<RequestContext> {
    const context = new RequestContext(`${server}${path}?${new URLSearchParams(query)}`, "GET");
    seen.request = counter.count("GET", context.getUrl());
    await auth.applySecurityAuthentication(context);
    return context;
  }

  function get(path: string, query: Query, signal: AbortSignal): Promise<unknown> {
    const seen: Seen = { request: null };
    return guarded(signal, seen, async (limited) => getJson(await signed(path, query, seen), limited));
  }

  async function stream(path: string, query: Query, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const seen: Seen = { request: null };
    try {
      return await openStream(await signed(path, query, seen), timeoutMs, signal);
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw toAftershockError(cause, seen.request, server);
    }
  }

  return {
    server,
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? "default",
    core: new CoreV1Api(configuration),
    apps: new AppsV1Api(configuration),
    batch: new BatchV1Api(configuration),
    policy: new PolicyV1Api(configuration),
    autoscaling: new AutoscalingV2Api(configuration),
    coordination: new CoordinationV1Api(configuration),
    events: new EventsV1Api(configuration),
    authorization: new AuthorizationV1Api(configuration),
    custom: new CustomObjectsApi(configuration),
    call,
    get,
    stream,
    calls: counter.counts,
    close: auth.close,
    [Symbol.asyncDispose]: auth.close,
  };
}

/** Options of one call: `look` sees the request before it is sent. Replaces client-node's middleware, whose shared list it reverses at every call. */
function before(look: (context: RequestContext) => void): ConfigurationOptions {
  return {
    middleware: [
      {
        pre(context) {
          look(context);
          return new Observable(Promise.resolve(context));
        },
        post: (response) => new Observable(Promise.resolve(response)),
      },
    ],
  };
}
