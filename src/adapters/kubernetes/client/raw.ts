import { type Dispatcher, fetch, type Response } from "undici";
import { ANSWER_MAX_BYTES, REFUSAL_MAX_BYTES, readBounded, tooLong } from "./bounded.ts";
import { Refusal } from "./refusal.ts";
import { isRecord } from "./status.ts";

/** A request that is ready to go: signed, with the connections that it goes over. */
export interface Outgoing {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
  readonly body?: string;
  /** Told what the server's clock showed, ms since the epoch, by an answer that came at once. */
  readonly heard?: ((serverMs: number) => void) | undefined;
}

/** An answer that took longer says nothing of the time, ms. */
const AT_ONCE_MS = 2_000;
/** `Date` is cut to a second. */
const HALF_SECOND_MS = 500;

/**
 * Sends it and reads the whole answer, a JSON object. Rejects with Refusal for what is no success,
 * with SyntaxError for any other answer.
 */
export async function askJson(outgoing: Outgoing, signal: AbortSignal): Promise<Record<string, unknown>> {
  const response = await send(outgoing, signal);
  const { text, whole } = await readBounded(response.body, ANSWER_MAX_BYTES);
  if (!whole) throw tooLong("the answer");
  const answer: unknown = JSON.parse(text);
  if (isRecord(answer) && response.headers.get("content-type")?.includes("json")) return answer;
  throw new SyntaxError("the answer is no JSON object");
}

/**
 * Opens a long answer (a watch). The time limit counts until the first byte of the answer; after
 * that the reader decides. Rejects with Refusal for what is no success.
 */
export async function openStream(
  outgoing: Outgoing,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException("no answer in time", "TimeoutError")), timeoutMs);
  try {
    const { body } = await send(outgoing, AbortSignal.any([signal, late.signal]));
    if (body === null) throw new SyntaxError("the answer has no body");
    return body as ReadableStream<Uint8Array>; // undici's type is node's, which is the same
  } finally {
    clearTimeout(timer);
  }
}

function hear(response: Response, sentMs: number, heard: Outgoing["heard"]): void {
  const dateMs = Date.parse(response.headers.get("date") ?? "");
  if (performance.now() - sentMs <= AT_ONCE_MS && !Number.isNaN(dateMs)) heard?.(dateMs + HALF_SECOND_MS);
}

async function send({ url, body, heard, ...rest }: Outgoing, signal: AbortSignal): Promise<Response> {
  // A POST that is sent elsewhere becomes a GET, and what answers that would count as done.
  const redirect = rest.method === "GET" ? "follow" : "manual";
  const sentMs = performance.now();
  const response = await fetch(url, { ...rest, redirect, signal, ...(body === undefined ? {} : { body }) });
  hear(response, sentMs, heard);
  if (response.ok) return response;
  const { text } = await readBounded(response.body, REFUSAL_MAX_BYTES);
  throw new Refusal(response.status, text, Object.fromEntries(response.headers));
}
