import { ApiException, type RequestContext } from "@kubernetes/client-node";
import { fetch, type Response } from "undici";

/** One GET, its whole answer as JSON. Rejects with ApiException for any status but 200, with SyntaxError for what is no JSON. */
export async function getJson(context: RequestContext, signal: AbortSignal): Promise<unknown> {
  return (await get(context, signal)).json();
}

/**
 * Opens a long answer (a watch). The time limit counts until the first byte of the answer; after that the reader decides.
 * Rejects with ApiException for any status but 200.
 */
export async function openStream(
  context: RequestContext,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException("no answer in time", "TimeoutError")), timeoutMs);
  try {
    const { body } = await get(context, AbortSignal.any([signal, late.signal]));
    return body as ReadableStream<Uint8Array>; // undici's type is node's, which is the same
  } finally {
    clearTimeout(timer);
  }
}

async function get(context: RequestContext, signal: AbortSignal): Promise<Response> {
  const dispatcher = context.getDispatcher();
  const response = await fetch(context.getUrl(), {
    headers: context.getHeaders(),
    signal,
    ...(dispatcher === undefined ? {} : { dispatcher }),
  });
  if (response.status === 200 && response.body !== null) return response;
  throw new ApiException(response.status, "", await response.text(), Object.fromEntries(response.headers.entries()));
}
