import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** An answer that was made once and is given to many. */
export interface Made {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** Of a good answer with a body: what it is compared by; null for others. */
  readonly etag: string | null;
  /** The body compressed; null where that saves nothing. */
  readonly gzipped: Uint8Array | null;
}

/** Shorter answers fit into one packet as they are, bytes. */
const WORTH_IT = 1_024;
const TEXT = /^(?:text\/|application\/json|image\/svg)/;
const compress = promisify(gzip);

/** Reads an answer whole, and makes ready what readers may ask for. */
export async function madeOf(response: Response): Promise<Made> {
  const body = new Uint8Array(await response.arrayBuffer());
  const isText = TEXT.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: response.headers,
    body,
    etag: response.status === 200 && body.length > 0 ? etagOf(body) : null,
    gzipped: isText && body.length >= WORTH_IT ? await compress(body) : null,
  };
}

/** Weak: the same text may be sent compressed or not. */
const etagOf = (body: Uint8Array): string =>
  `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;

/** What one reader gets: 304 when it has the same already, compressed when it takes that. */
export function given({ status, headers, body, etag, gzipped }: Made, request: Request): Response {
  const told = new Headers(headers);
  if (gzipped !== null) told.append("vary", "accept-encoding");
  if (etag !== null) {
    told.set("etag", etag);
    if (namesTag(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers: told });
  }
  const isSmall = gzipped !== null && takesGzip(request.headers.get("accept-encoding"));
  if (isSmall) told.set("content-encoding", "gzip");
  const sent = isSmall ? gzipped : body;
  return new Response(sent.length === 0 ? null : new Uint8Array(sent), { status, headers: told });
}

const namesTag = (asked: string | null, etag: string): boolean =>
  (asked ?? "").split(",").some((one) => one.trim().replace(/^W\//, "") === etag.replace(/^W\//, ""));

/** `gzip;q=0` refuses it. */
const takesGzip = (asked: string | null): boolean =>
  /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[^,]*)?\s*(?:,|$)/i.test(asked ?? "");
