import type { IncomingMessage, ServerResponse } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import { AftershockError, describeError } from "../../core/model/error.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { STRANGE_HOST, servedHosts } from "../../views/hosts.ts";
import { METRICS_CONTENT_TYPE } from "../../views/metrics.ts";
import type { WorkerFacts } from "./facts.ts";
import { remembered } from "./remembered.ts";
import { type Served, serveWeb } from "./serve.ts";
import type { FromWebThread, ThreadStart, ToWebThread } from "./web-thread.ts";

/**
 * The thread that serves pages, API and metrics: its event loop, its connections to cluster,
 * Prometheus and storage, and its memory are its own, so that nobody who reads keeps the worker
 * waiting. What only the worker knows it asks for, once a second at most. What pages take is loaded
 * with the first one: a worker whose pages nobody reads has no room for it.
 */
const FACTS_KEPT_MS = SECOND_MS;
/** A worker that does not answer for this long is stuck, ms. */
const PATIENCE_MS = 5 * SECOND_MS;

const say = (message: FromWebThread): void => parentPort?.postMessage(message);

/** Asks the worker's thread, and waits as long as a worker may take that is not stuck. */
function asking(): { ask(): Promise<WorkerFacts>; hear(told: Exclude<ToWebThread, "stop">): void } {
  const waiting = new Map<number, (facts: WorkerFacts) => void>();
  let lastId = 0;
  return {
    ask() {
      const id = ++lastId;
      const { promise, resolve, reject } = Promise.withResolvers<WorkerFacts>();
      waiting.set(id, resolve);
      const late = setTimeout(() => reject(new Error("the worker does not answer")), PATIENCE_MS);
      say({ ask: id });
      return promise.finally(() => {
        clearTimeout(late);
        waiting.delete(id);
      });
    },
    hear: ({ id, facts }) => waiting.get(id)?.(facts),
  };
}

/** A short answer that needs no page. */
interface Plain {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

/**
 * What Kubernetes and Prometheus ask for all the time; null for anything else. It is never turned
 * away: a busy dashboard is no reason for a restart.
 */
async function probe(path: string, facts: () => Promise<WorkerFacts>): Promise<Plain | null> {
  switch (path) {
    case "/healthz":
      return facts().then(
        () => ({ status: 200, body: "ok\n" }),
        (cause: unknown) => ({ status: 503, body: `not alive: ${describeError(cause)}\n` }),
      );
    case "/readyz": {
      const why = await facts().then(({ notReady }) => notReady, describeError);
      return why === null ? { status: 200, body: "ok\n" } : { status: 503, body: `not ready: ${why}\n` };
    }
    case "/metrics":
      return facts().then(
        ({ metrics }) => ({ status: 200, type: METRICS_CONTENT_TYPE, body: metrics }),
        (cause: unknown) => ({ status: 503, body: `${describeError(cause)}\n` }),
      );
    default:
      return null;
  }
}

/** Without `Response`: Node would load its undici for it, which weighs more than this thread. */
function answerWith({ status, type = "text/plain; charset=utf-8", body }: Plain, outgoing: ServerResponse): void {
  outgoing.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  outgoing.end(body);
}

const pathOf = (url = "/"): string => url.split("?", 1)[0]!;

async function main(given: ThreadStart): Promise<void> {
  const worker = asking();
  const known = remembered<WorkerFacts>(FACTS_KEPT_MS, () => performance.now());
  const facts = () => known("", worker.ask);
  const isServed = servedHosts(given.web.hosts);
  let opened: Promise<Served & { close(): Promise<void> }> | null = null;
  let served: Served | null = null;
  const pages = () => {
    opened ??= import("./thread-pages.ts")
      .then(({ openPages }) => openPages(given, facts))
      .then((now) => (served = now));
    // storage that is away now may be there for the next page
    opened.catch(() => {
      opened = null;
    });
    return opened;
  };
  async function listener(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method, headers, url } = incoming;
    if (!isServed(headers.host ?? "")) return answerWith({ status: 421, body: STRANGE_HOST }, outgoing);
    const reads = method === "GET" || method === "HEAD";
    const answer = reads ? await probe(pathOf(url), facts) : null;
    if (answer !== null) return answerWith(answer, outgoing);
    try {
      (await pages()).listener(incoming, outgoing);
    } catch (cause) {
      answerWith({ status: 503, body: `this cannot be shown now: ${describeError(cause)}\n` }, outgoing);
    }
  }
  const running = await serveWeb({ listener, end: () => served?.end() }, given.web);
  parentPort?.on("message", async (told: ToWebThread) => {
    if (told !== "stop") return worker.hear(told);
    await running[Symbol.asyncDispose]();
    await (await opened?.catch(() => null))?.close();
    parentPort?.close();
  });
  say({ address: running.address });
}

main(workerData as ThreadStart).catch((cause: unknown) => {
  const { code, message, hint } =
    cause instanceof AftershockError ? cause : new AftershockError("usage", describeError(cause));
  say({ failed: { code, message, ...(hint === undefined ? {} : { hint }) } });
  parentPort?.close();
});
