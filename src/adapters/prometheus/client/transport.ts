import { fetch, type Response } from "undici";
import { AftershockError } from "../../../core/model/error.ts";
import { accessTo } from "./access.ts";
import {
  brokenCompression,
  garbled,
  plainAddress,
  refused,
  tooLarge,
  unfinished,
  unreachable,
  wasDropped,
} from "./errors.ts";
import { type Envelope, MatrixReader, type OnSeries } from "./matrix-reader.ts";
import type { PrometheusOptions } from "./options.ts";

/** What all requests to one Prometheus share. */
export interface Transport {
  /** `https://host/prefix`, without secrets. */
  readonly where: string;
  /** The server's own limit, as it wants it. */
  readonly serverTimeout: string;
  readonly redact: (text: string) => string;
  /** Whether the server was seen to move range queries to whole steps. */
  wantsWholeSteps(): boolean;
  noteWholeSteps(): void;
  /** Runs `task` when fewer than the allowed number are running. */
  limited<T>(task: () => Promise<T>): Promise<T>;
  /**
   * Sends a query whose answer is a matrix, a vector or a scalar, and hands over one series at a
   * time.
   */
  stream(path: string, params: Params, onSeries: OnSeries, bounds: Bounds): Promise<Envelope>;
}
export interface Bounds {
  readonly signal: AbortSignal;
  /**
   * What is longer is refused; else each series and their number are bounded, not all of them
   * together.
   */
  readonly maxBytes?: number | undefined;
}
export type Params = Readonly<Record<string, string>>;

/** Requests at the same time, whatever is asked for. */
const MAX_PARALLEL = 4;
/** Longest text of an error answer that is read. */
const ERROR_BODY_MAX_BYTES = 64_000;
/**
 * What servers and proxies answer that take only GET: a read-only role of the Kubernetes API
 * server's proxy says 403.
 */
const ONLY_GET: ReadonlySet<number> = new Set([403, 404, 405, 501]);
const LESS_THAN = 0x3c;

export function openTransport(options: PrometheusOptions): Transport {
  const { timeoutMs } = options;
  const where = plainAddress(options.url);
  const { search } = new URL(options.url);
  const access = accessTo(options);
  const { redact } = access;
  const limited = limiter(Math.min(options.maxParallel ?? MAX_PARALLEL, MAX_PARALLEL));
  let method: "POST" | "GET" = "POST";
  let wholeSteps = false;

  const send = async (by: typeof method, path: string, params: Params, signal: AbortSignal): Promise<Response> => {
    const { headers, dispatcher } = await access.granted();
    const form = new URLSearchParams(params);
    const query = by === "POST" ? search : `${search === "" ? "?" : `${search}&`}${form}`;
    return fetch(`${where}/api/v1/${path}${query}`, {
      method: by,
      headers: { ...headers, accept: "application/json" },
      ...(by === "POST" ? { body: form } : {}),
      // A redirect is told, not followed: what we carry is meant for this server.
      redirect: "manual",
      signal,
      dispatcher,
    });
  };
  /** POST, because queries are long; GET where the server takes nothing else, and from then on. */
  const ask = async (path: string, params: Params, signal: AbortSignal): Promise<Response> => {
    const response = await send(method, path, params, signal).catch((cause: unknown) => {
      if (signal.aborted || !wasDropped(cause)) throw cause;
      return send(method, path, params, signal);
    });
    if (method === "GET" || !ONLY_GET.has(response.status)) return response;
    const second = await send("GET", path, params, signal);
    if (second.status !== 200) {
      await second.body?.cancel().catch(() => {});
      return response;
    }
    await response.body?.cancel().catch(() => {});
    method = "GET";
    return second;
  };
  return {
    where,
    serverTimeout: `${Math.max(1, Math.ceil(timeoutMs / 1000))}s`,
    redact,
    wantsWholeSteps: () => wholeSteps,
    noteWholeSteps: () => {
      wholeSteps = true;
    },
    limited,
    async stream(path, params, onSeries, { signal, maxBytes = Number.POSITIVE_INFINITY }) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      let hasBegun = false;
      try {
        const response = await ask(path, params, limit);
        hasBegun = true;
        if (response.status !== 200) throw await refusalOf(response, where, redact);
        const envelope = await read(response, onSeries, maxBytes);
        if (envelope === "too large") throw tooLarge(where);
        if (envelope === "page") throw refused(where, { status: 200, html: true });
        if (envelope.status === undefined) throw garbled(where, "it has no status");
        if (envelope.status !== "success") {
          const { errorType, error } = envelope;
          throw refused(where, { status: 200, errorType, text: error && redact(error) });
        }
        if (!envelope.hasResult) throw garbled(where, "it has no result");
        return envelope;
      } catch (cause) {
        if (signal.aborted) throw signal.reason;
        if (cause instanceof AftershockError) throw cause;
        if (cause instanceof SyntaxError) throw garbled(where, redact(cause.message));
        if (brokenCompression(cause)) throw garbled(where, "its compression is broken");
        throw (hasBegun ? unfinished : unreachable)(where, cause, timeoutMs);
      }
    },
  };
}

/**
 * The answer, read as it arrives; or that it is a web page, whatever it calls itself, or longer
 * than it may be.
 */
async function read(
  response: Response,
  onSeries: OnSeries,
  maxBytes: number,
): Promise<Envelope | "page" | "too large"> {
  if (isHtml(response)) {
    await response.body?.cancel().catch(() => {});
    return "page";
  }
  const reader = new MatrixReader(onSeries);
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = Buffer.from(chunk as Uint8Array);
    if (size === 0 && bytes[0] === LESS_THAN) return "page";
    size += bytes.length;
    if (size > maxBytes) return "too large";
    reader.push(bytes);
  }
  return reader.end();
}

async function refusalOf(
  response: Response,
  where: string,
  redact: (text: string) => string,
): Promise<AftershockError> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = Buffer.from(chunk as Uint8Array);
    chunks.push(bytes);
    size += bytes.length;
    if (size > ERROR_BODY_MAX_BYTES) break;
  }
  const { errorType, error } = errorFields(Buffer.concat(chunks).toString("utf8"));
  const location = response.headers.get("location");
  return refused(where, {
    status: response.status,
    html: isHtml(response),
    errorType,
    text: error === undefined ? undefined : redact(error),
    retryAfterMs: retryAfterMs(response.headers.get("retry-after")),
    ...(location !== null && URL.canParse(location, where) ? { to: plainAddress(new URL(location, where).href) } : {}),
  });
}

/** What Prometheus says in an error answer, or a proxy in its first line; nothing of pages. */
function errorFields(body: string): { readonly errorType?: string; readonly error?: string } {
  try {
    const data: unknown = JSON.parse(body);
    if (typeof data !== "object" || data === null) return {};
    const { errorType, error, message } = data as Readonly<Record<string, unknown>>;
    // Google's and Azure's services put their text one level deeper.
    const inner = typeof error === "object" && error !== null ? (error as { message?: unknown }).message : error;
    const said = inner ?? message;
    return {
      ...(typeof errorType === "string" ? { errorType } : {}),
      ...(typeof said === "string" ? { error: said } : {}),
    };
  } catch {
    const [line = ""] = body.trim().split(/\s*\n/);
    return line === "" || line.startsWith("<") ? {} : { error: line };
  }
}

/** `Retry-After` in seconds; a date is not worth a clock here. */
function retryAfterMs(header: string | null | undefined): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  return header && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

const isHtml = (response: Response): boolean => /html/i.test(response.headers.get("content-type") ?? "");

function limiter(max: number): <T>(task: () => Promise<T>) => Promise<T> {
  let free = max;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
