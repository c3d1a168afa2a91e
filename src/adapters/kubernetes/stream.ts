import { ApiException, type RequestContext } from "@kubernetes/client-node";
import { type Dispatcher, fetch } from "undici";

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
    const response = await fetch(context.getUrl(), {
      headers: context.getHeaders(),
      signal: AbortSignal.any([signal, late.signal]),
      ...dispatcherOf(context),
    });
    if (response.status !== 200 || response.body === null) {
      const headers = Object.fromEntries(response.headers.entries());
      throw new ApiException(response.status, "watch refused", await response.text(), headers);
    }
    return response.body as ReadableStream<Uint8Array>;
  } finally {
    clearTimeout(timer);
  }
}

function dispatcherOf(context: RequestContext): { dispatcher?: Dispatcher } {
  const dispatcher = context.getDispatcher();
  return dispatcher === undefined ? {} : { dispatcher };
}
