import { AftershockError } from "../../../core/model/error.ts";

/**
 * A page of 500 objects takes some MiB; each object at most 1.5 MiB:
 * https://etcd.io/docs/v3.6/dev-guide/limit/
 */
export const ANSWER_MAX_BYTES = 64 * 1024 * 1024;
/**
 * Of an answer that is no success only the beginning is read: it is a Status object, or a proxy's
 * page.
 */
export const REFUSAL_MAX_BYTES = 64 * 1024;
/**
 * What is not kept is still read as far as this: a connection whose answer was not read to its end
 * is lost.
 */
const DRAINED_MAX_BYTES = 4 * 1024 * 1024;
/** One line of a watch is one object. */
export const WATCH_LINE_MAX_CHARS = 8 * 1024 * 1024;

/**
 * The body as text, of which no more than `maxBytes` are kept; `whole` says whether that was all. A
 * little more is read and dropped, so that the next request may have the connection.
 */
export async function readBounded(
  body: AsyncIterable<Uint8Array> | null,
  maxBytes: number,
): Promise<{ readonly text: string; readonly whole: boolean }> {
  const chunks: Uint8Array[] = [];
  let [size, kept] = [0, 0];
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (kept <= maxBytes) {
      chunks.push(chunk);
      kept += chunk.length;
    }
    if (size > maxBytes + DRAINED_MAX_BYTES) break;
  }
  return { text: Buffer.concat(chunks).toString("utf8", 0, Math.min(kept, maxBytes)), whole: size <= maxBytes };
}

export const tooLong = (what: string): AftershockError =>
  new AftershockError("cluster-unavailable", `${what} is far longer than any of an API server`, {
    hint: "check that the kubeconfig's address is a Kubernetes API server and not a proxy",
  });
