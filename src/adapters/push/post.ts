import { type Dispatcher, fetch, ProxyAgent } from "undici";
import { AftershockError } from "../../core/model/error.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { firstBytes } from "../first-bytes.ts";

/** How a receiver is reached. */
export interface PushOptions {
  /** What it is called in errors: no address, which may be a secret. */
  readonly name: string;
  /** Where in the configuration its address stands. */
  readonly key: string;
  /** How long it may take to answer, in real ms. */
  readonly timeoutMs: number;
  /** Address of an HTTP proxy on the way; null or left out: none. */
  readonly proxy?: string | null;
}

export interface Outgoing {
  readonly method: "GET" | "POST" | "PATCH";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Answers are short; of a long one only so much is read. */
const ANSWER_MAX_BYTES = 4 * 1024 * 1024;
/** What is waited for after a 429 that does not say how long. */
const DEFAULT_RETRY_AFTER_MS = 30 * SECOND_MS;

/** Answers the body of a call that ended well. Rejects with `notify-failed`. */
export type Push = (request: Outgoing, signal: AbortSignal) => Promise<string>;

/**
 * Calls over HTTP, without following redirects: a message is for one receiver. What these receivers
 * take twice is no harm (they know it by its id), so silence may be tried again.
 */
export function pushOver(options: PushOptions): Push {
  const { name, key, timeoutMs, proxy } = options;
  const dispatcher: Dispatcher | undefined = proxy == null ? undefined : new ProxyAgent(proxy);
  return async ({ method, url, headers, body }, signal) => {
    requireWebAddress(url, key);
    let response: Awaited<ReturnType<typeof fetch>>;
    let answer: string;
    try {
      response = await fetch(url, {
        method,
        headers,
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        ...(body === undefined ? {} : { body }),
        ...(dispatcher === undefined ? {} : { dispatcher }),
      });
      answer = (await firstBytes(response.body, ANSWER_MAX_BYTES)).toString("utf8");
    } catch (cause) {
      signal.throwIfAborted();
      throw unreachable(name, cause, timeoutMs);
    }
    if (response.status >= 200 && response.status < 300) return answer;
    throw refused(name, key, response.status, response.headers.get("retry-after"));
  };
}

/** Checked here, because an error of `fetch` would quote the address. */
function requireWebAddress(url: string, key: string): void {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return;
  throw new AftershockError("config-invalid", `${key}: expected an address that starts with https:// or http://`);
}

/** Without the cause: it may quote the address. */
function unreachable(name: string, cause: unknown, timeoutMs: number): AftershockError {
  const late = cause instanceof Error && cause.name === "TimeoutError";
  const why = late ? `no answer within ${timeoutMs / SECOND_MS} s` : (codeOf(cause) ?? "the connection broke");
  return new AftershockError("notify-failed", `${name} could not be reached: ${why}`, { retryable: true });
}

function refused(name: string, key: string, status: number, retryAfter: string | null): AftershockError {
  const message = `${name} answered ${status}`;
  if (status === 429 || status === 503) {
    const seconds = Number.parseInt(retryAfter ?? "", 10);
    const retryAfterMs = seconds >= 0 ? seconds * SECOND_MS : DEFAULT_RETRY_AFTER_MS;
    return new AftershockError("notify-failed", message, { retryable: true, retryAfterMs });
  }
  if (status >= 500 || status === 408) return new AftershockError("notify-failed", message, { retryable: true });
  const hint =
    status < 400 ? `redirects are not followed: check ${key}` : `check ${key}, and what is sent along to be let in`;
  return new AftershockError("notify-failed", message, { hint });
}

/** The system's or undici's code, however deep it lies; never a text. */
function codeOf(cause: unknown): string | null {
  for (let error = cause, depth = 0; error instanceof Error && depth < 6; depth += 1, error = error.cause) {
    const { code } = error as { code?: unknown };
    if (typeof code === "string" && /^[A-Z][A-Z0-9_]+$/.test(code)) return code;
  }
  return null;
}
