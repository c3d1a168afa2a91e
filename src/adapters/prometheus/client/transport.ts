import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Agent, fetch, type Response } from "undici";
import type { AftershockError } from "../../../core/model/error.ts";
import { garbled, plainAddress, redactor, refused, unreachable } from "./errors.ts";
import { type Envelope, MatrixReader, type OnSeries } from "./matrix-reader.ts";
import type { PrometheusOptions } from "./options.ts";

/** What all requests to one Prometheus share. */
export interface Transport {
  /** `https://host/prefix`, without secrets. */
  readonly where: string;
  readonly endpoint: string;
  /** Parameters that the configured address itself carries. */
  readonly params: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** The server's own limit, as it wants it. */
  readonly serverTimeout: string;
  readonly redact: (text: string) => string;
  readonly agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
  /** Runs `task` when fewer than the allowed number are running. */
  limited<T>(task: () => Promise<T>): Promise<T>;
  /** POSTs a query whose answer is a matrix and hands over one series at a time. */
  stream(path: string, params: Params, onSeries: OnSeries, signal: AbortSignal): Promise<Envelope>;
}
export type Params = Readonly<Record<string, string>>;

/** Requests at the same time, whatever is asked for. */
const MAX_PARALLEL = 4;
/** Longest text of an error answer that is read. */
const ERROR_BODY_MAX_BYTES = 64_000;

export function openTransport(options: PrometheusOptions): Transport {
  const url = new URL(options.url);
  const headers = headersOf(options, url);
  const where = plainAddress(options.url);
  const tls = options.ca === undefined ? {} : { ca: options.ca };
  const { timeoutMs } = options;
  // Without HTTP/2, of which a session that ends may take the whole process down (undici 8.12).
  const dispatcher = new Agent({ connect: tls, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, allowH2: false });
  const endpoint = where;
  const secrets = [
    ...Object.values(options.headers ?? {}),
    options.bearerToken ?? "",
    url.password,
    url.search.slice(1),
  ];
  const redact = redactor(secrets);
  const limited = limiter(Math.min(options.maxParallel ?? MAX_PARALLEL, MAX_PARALLEL));
  const post = async (path: string, params: Params, signal: AbortSignal): Promise<Response> =>
    await fetch(`${endpoint}/api/v1/${path}${url.search}`, {
      method: "POST",
      headers: { ...headers, accept: "application/json" },
      body: new URLSearchParams(params),
      redirect: "manual",
      signal,
      dispatcher,
    });
  return {
    where,
    endpoint,
    params: url.searchParams,
    headers,
    timeoutMs: options.timeoutMs,
    serverTimeout: `${Math.max(1, Math.ceil(options.timeoutMs / 1000))}s`,
    redact,
    agents: { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true, ...tls }) },
    limited,
    async stream(path, params, onSeries, signal) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
      const failed = (cause: unknown): unknown => {
        if (signal.aborted) return signal.reason;
        return cause instanceof SyntaxError
          ? garbled(where, redact(cause.message))
          : unreachable(where, cause, options.timeoutMs);
      };
      let response: Response;
      try {
        response = await post(path, params, limit);
      } catch (cause) {
        throw failed(cause);
      }
      if (response.status !== 200) throw await refusalOf(response, where, redact, failed);
      if (isHtml(response)) {
        await response.body?.cancel().catch(() => {});
        throw refused(where, { status: 200, html: true });
      }
      const reader = new MatrixReader(onSeries);
      let envelope: Envelope;
      try {
        if (response.body) for await (const chunk of response.body) reader.push(Buffer.from(chunk as Uint8Array));
        envelope = reader.end();
      } catch (cause) {
        throw failed(cause);
      }
      if (envelope.status === "success") {
        if (!envelope.hasResult) throw garbled(where, "it has no result");
        return envelope;
      }
      if (envelope.status === undefined) throw garbled(where, "it has no status");
      const { errorType, error } = envelope;
      throw refused(where, { status: 200, errorType, text: error && redact(error) });
    },
  };
}

/** Address, token and tenant as headers; a user in the address becomes basic authentication. */
function headersOf(options: PrometheusOptions, url: URL): Record<string, string> {
  const headers: Record<string, string> = { ...options.headers };
  if (options.bearerToken) headers.Authorization = `Bearer ${options.bearerToken}`;
  else if (url.username !== "") {
    const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.Authorization = `Basic ${Buffer.from(user).toString("base64")}`;
  }
  if (options.tenant) headers["X-Scope-OrgID"] = options.tenant;
  return headers;
}

async function refusalOf(
  response: Response,
  where: string,
  redact: (text: string) => string,
  failed: (cause: unknown) => unknown,
): Promise<AftershockError> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    if (response.body) {
      for await (const chunk of response.body) {
        const bytes = Buffer.from(chunk as Uint8Array);
        chunks.push(bytes);
        size += bytes.length;
        if (size > ERROR_BODY_MAX_BYTES) break;
      }
    }
  } catch (cause) {
    throw failed(cause);
  }
  const { errorType, error } = errorFields(Buffer.concat(chunks).toString("utf8"));
  return refused(where, {
    status: response.status,
    html: isHtml(response),
    errorType,
    text: error === undefined ? undefined : redact(error),
    retryAfterMs: retryAfterMs(response.headers.get("retry-after")),
  });
}

/** What Prometheus says in an error answer; nothing when a proxy answered. */
export function errorFields(body: unknown): { errorType?: string; error?: string } {
  try {
    const data: unknown = typeof body === "string" ? JSON.parse(body) : body;
    if (typeof data !== "object" || data === null) return {};
    const { errorType, error } = data as { errorType?: unknown; error?: unknown };
    return {
      ...(typeof errorType === "string" ? { errorType } : {}),
      ...(typeof error === "string" ? { error } : {}),
    };
  } catch {
    return {};
  }
}

/** `Retry-After` in seconds; a date is not worth a clock here. */
export function retryAfterMs(header: string | null | undefined): number | undefined {
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
