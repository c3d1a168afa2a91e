import { AftershockError } from "../../../core/model/error.ts";

/** The query touches more than the server allows; a shorter span may pass. */
export class QueryTooLarge extends AftershockError {}

/** What came back instead of an answer. `text` is what Prometheus itself said, when it did. */
export interface Refusal {
  readonly status: number;
  readonly errorType?: string | undefined;
  readonly text?: string | undefined;
  readonly html?: boolean;
  /** Where a redirect leads, without secrets. */
  readonly to?: string;
  readonly retryAfterMs?: number | undefined;
}

/** Longest part of a server's text that goes into a message. */
const TEXT_MAX_CHARS = 300;

/** Removes what must never be printed. Whoever talks to a server cannot know what it echoes. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const parts = secrets.filter((secret) => secret.length > 0);
  return (text) => parts.reduce((clean, secret) => clean.replaceAll(secret, "***"), text).slice(0, TEXT_MAX_CHARS);
}

/** The address of a server without user, password and query. */
export function plainAddress(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname.replace(/\/$/, "")}`;
  } catch {
    return "(not a URL)";
  }
}

/**
 * What servers say of a query that touches more than they allow: Prometheus, Thanos, Cortex and
 * gRPC between them, Mimir, VictoriaMetrics. None of them says so of anything else, whatever its
 * status.
 * https://github.com/prometheus/prometheus/blob/main/promql/engine.go
 * https://github.com/thanos-io/thanos/blob/main/pkg/store/limiter.go
 * https://github.com/cortexproject/cortex/blob/master/pkg/util/limiter/query_limiter.go
 * https://github.com/grpc/grpc-go/blob/master/rpc_util.go
 * https://grafana.com/docs/mimir/latest/manage/mimir-runbooks/#errors-catalog
 * https://github.com/VictoriaMetrics/VictoriaMetrics/blob/master/app/vmselect/netstorage/netstorage.go
 */
const TOO_LARGE: readonly RegExp[] = [
  /too many samples|maximum resolution|too many points/i,
  /exceeded (series|samples?|chunks?|bytes|postings) limit|limit \d+ violated/i,
  /\bhit the .*\blimit\b|maximum number of (series|chunks)/i,
  /received message larger than max/i,
  /err-mimir-max-(chunks|series|estimated|query|total|fetched)/i,
  /cannot (select|process) more than|number of matching timeseries exceeds|not enough memory for processing/i,
];
/** In an answer to a query that was understood, these are a limit of that query, too. */
const A_LIMIT = /exceed|limit/i;

const isTooLarge = ({ status, errorType, text = "" }: Refusal): boolean =>
  TOO_LARGE.some((known) => known.test(text)) ||
  (A_LIMIT.test(text) && (status < 500 ? ![401, 403, 404, 405].includes(status) : errorType === "execution"));

/** The error for an answer that is none. `where` is the plain address. */
export function refused(where: string, refusal: Refusal): AftershockError {
  const { status, errorType, retryAfterMs } = refusal;
  const said = refusal.text ? `: ${refusal.text}` : "";
  const again = { retryable: true, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  if (status === 429) {
    return new AftershockError("source-unavailable", `Prometheus at ${where} has too much to do (429)${said}`, {
      hint: "it is tried again later; if this goes on, raise the query limit for this client",
      ...again,
    });
  }
  // Before the tenant: Mimir's limits are "per-tenant limits" in their own words.
  if (!refusal.html && isTooLarge(refusal)) {
    return new QueryTooLarge("source-refused", `Prometheus at ${where} finds the query too large${said}`, {
      hint: "raise the limit that it names (of Prometheus: --query.max-samples), or install rules/prometheus so that less has to be read",
    });
  }
  if (/\bno org id\b|X-Scope-OrgID|tenant/i.test(refusal.text ?? "") && status >= 400 && status < 500) {
    return new AftershockError("source-refused", `Prometheus at ${where} wants another tenant (${status})${said}`, {
      hint: "set prometheus.tenant to a tenant that these credentials may read",
    });
  }
  if (status === 401 || status === 403) {
    return new AftershockError("source-refused", `Prometheus at ${where} refused us with ${status}${said}`, {
      hint: OF_AMAZON.test(refusal.text ?? "")
        ? "Amazon's service takes signed requests only: write the address of a proxy that signs them (aws-sigv4-proxy) as prometheus.url, with a role that may aps:QueryMetrics"
        : "check prometheus.bearerToken, prometheus.headers and prometheus.tenant, and that they may read metrics",
    });
  }
  if (errorType === "timeout" || errorType === "canceled") {
    return new AftershockError("source-unavailable", `Prometheus at ${where} did not finish the query in time${said}`, {
      hint: "raise prometheus.timeout, install rules/prometheus, or give Prometheus more CPU",
      ...again,
    });
  }
  if (status >= 500 && errorType !== "execution") {
    return new AftershockError("source-unavailable", `Prometheus at ${where} answered with ${status}${said}`, {
      hint: "see whether Prometheus (or the proxy before it) is up",
      ...again,
    });
  }
  if (refusal.html) {
    return new AftershockError("source-refused", `${where} answered with a web page instead of JSON (${status})`, {
      hint: "a login page stands before Prometheus: use the address inside the cluster, or set prometheus.bearerToken",
    });
  }
  if (status >= 300 && status < 400) {
    const to = refusal.to === undefined ? "" : ` to ${refusal.to}`;
    return new AftershockError("source-refused", `${where} redirects us${to} (${status}); that is not followed`, {
      hint: "a login may stand before Prometheus; else write the address that it leads to as prometheus.url",
    });
  }
  if (status === 404 || status === 405) {
    return new AftershockError("source-refused", `${where} has no Prometheus API (${status} for /api/v1/query)`, {
      hint: "check prometheus.url; Mimir and others want a prefix such as /prometheus",
    });
  }
  return new AftershockError("source-refused", `Prometheus at ${where} refused the query (${status})${said}`, {
    hint: "if the signals file was changed, try its queries in Prometheus; else report this",
  });
}

/** Its gateway asks for a signature, and its roles are named aps:…. */
const OF_AMAZON = /Missing Authentication Token|\baps:|SigV4|security token included in the request|InvalidSignature/i;

/** The error for a server that could not be talked to at all. */
export function unreachable(where: string, cause: unknown, timeoutMs: number): AftershockError {
  const code = networkCode(cause);
  if (code === "timeout") {
    return new AftershockError("source-unavailable", `Prometheus at ${where} did not answer within ${timeoutMs} ms`, {
      hint: "see whether Prometheus is up and not overloaded, or raise prometheus.timeout",
      retryable: true,
    });
  }
  return new AftershockError("source-unavailable", `Prometheus at ${where} cannot be reached (${code})`, {
    hint: /CERT|TLS|SSL|SELF_SIGNED|ISSUER/.test(code)
      ? "its certificate is not trusted: set prometheus.ca"
      : "check prometheus.url, DNS, and network policies between Aftershock and Prometheus",
    retryable: true,
  });
}

/**
 * Whether the connection ended before there was an answer: a server closes one that rested for
 * long, also while the next request is on its way.
 */
export const wasDropped = (cause: unknown): boolean =>
  ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(networkCode(cause));

/** The error for an answer that began and did not come to its end. */
export function unfinished(where: string, cause: unknown, timeoutMs: number): AftershockError {
  if (networkCode(cause) !== "timeout") return garbled(where, "it breaks off");
  return new AftershockError(
    "source-unavailable",
    `Prometheus at ${where} began to answer, and was not done within ${timeoutMs} ms`,
    { hint: "raise prometheus.timeout, or see what holds up long answers on the way", retryable: true },
  );
}

/** The error for an answer that has more bytes or rows than are read. */
export const tooLarge = (where: string): AftershockError =>
  new AftershockError("source-refused", `Prometheus at ${where} answered with far more rows than are read`, {
    hint: "narrow what is asked for: alerts.selector, or the queries of the signals file",
  });

/** The error for an answer that broke off or is not what Prometheus sends. */
export function garbled(where: string, why: string): AftershockError {
  return new AftershockError("source-unavailable", `the answer of Prometheus at ${where} cannot be read: ${why}`, {
    hint: "see whether prometheus.url is a Prometheus, and whether a proxy cuts long answers",
    retryable: true,
  });
}

/**
 * The error for an answer from which data is missing; it is no answer. `said` is what the server
 * says of it.
 */
export function incomplete(where: string, said: string): AftershockError {
  return new AftershockError("source-unavailable", `the answer of Prometheus at ${where} is incomplete: ${said}`, {
    hint: "see which storage behind it does not answer; it is asked again",
    retryable: true,
  });
}

/** The answer was compressed, and what arrived is not what was compressed. */
export const brokenCompression = (cause: unknown): boolean =>
  /^Z_|^ERR_(BROTLI|ZSTD|_ERROR)|^ZSTD_/.test(networkCode(cause));

/**
 * A short word for a network failure: the code that the system gave, never a text that could hold a
 * header.
 */
function networkCode(cause: unknown, depth = 0): string {
  if (depth > 5 || typeof cause !== "object" || cause === null) return "network error";
  const { name, code, cause: inner } = cause as { name?: unknown; code?: unknown; cause?: unknown };
  if (name === "TimeoutError" || name === "HeadersTimeoutError" || name === "BodyTimeoutError") return "timeout";
  if (code === "ECONNABORTED" || code === "ETIMEDOUT" || code === "UND_ERR_CONNECT_TIMEOUT") return "timeout";
  if (typeof code === "string" && /^[A-Z0-9_]+$/.test(code) && inner === undefined) return code;
  return inner === undefined ? "network error" : networkCode(inner, depth + 1);
}
