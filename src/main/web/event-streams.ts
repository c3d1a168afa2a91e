import type { IncomingMessage, ServerResponse } from "node:http";
import { MINUTE_MS, SECOND_MS } from "../../core/model/units.ts";

/** Readers who are told of changes at a time; one more is refused, and has the refresh link. */
const MOST_STREAMS = 256;
/** Readers share one look at what has changed, and none is taken while nobody reads, ms. */
const LOOK_MS = 5 * SECOND_MS;
/** Proxies cut what is silent for longer, often after a minute, ms. */
const HEARTBEAT_MS = 15 * SECOND_MS;
/** A stream ends and is asked for again, so that a proxy's login is checked again, ms. */
const LONGEST_MS = 5 * MINUTE_MS;
/** A reader who takes nothing for so long that this much waits for him is let go, bytes. */
const MOST_WAITING_BYTES = 16 * 1_024;
/** A browser asks again so long after a stream ended, ms. */
const AGAIN_MS = 3 * SECOND_MS;

export interface StreamDeps {
  /** When what pages show was last seen to be changed, ms since the epoch. */
  changedAtMs(): Promise<number>;
  monotonicMs(): number;
}

interface Stream {
  readonly outgoing: ServerResponse;
  readonly sinceMs: number;
  /** What the reader has is as new as this, ms since the epoch. */
  seenMs: number;
  spokenMs: number;
}

export interface EventStreams {
  serve(incoming: IncomingMessage, outgoing: ServerResponse): void;
  /** Ends every stream; a new one is refused. */
  end(): void;
  size(): number;
}

/**
 * Server-sent events that say only that something has changed: `event: change`, with the time as
 * its id. A reader comes back with the last id, or with `?since=`, and is told at once when
 * something has changed after it.
 */
export function eventStreams({ changedAtMs, monotonicMs }: StreamDeps): EventStreams {
  const streams = new Set<Stream>();
  let timer: NodeJS.Timeout | null = null;
  let ended = false;

  function say(stream: Stream, text: string): void {
    if (stream.outgoing.writableLength > MOST_WAITING_BYTES) {
      stream.outgoing.destroy();
      leave(stream);
      return;
    }
    stream.spokenMs = monotonicMs();
    stream.outgoing.write(text);
  }

  function leave(stream: Stream): void {
    streams.delete(stream);
    if (streams.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  }

  /** Storage that is away has changed nothing that could be shown. */
  async function look(): Promise<void> {
    const atMs = await changedAtMs().catch(() => null);
    const nowMs = monotonicMs();
    for (const stream of streams) {
      if (atMs !== null && atMs > stream.seenMs) {
        stream.seenMs = atMs;
        say(stream, `id: ${atMs}\nevent: change\ndata:\n\n`);
      } else if (nowMs >= stream.spokenMs + HEARTBEAT_MS) say(stream, ":\n\n");
      if (nowMs < stream.sinceMs + LONGEST_MS) continue;
      leave(stream);
      stream.outgoing.end();
    }
  }

  return {
    serve(incoming, outgoing) {
      const why = whyNot(incoming);
      if (why !== null) return refuse(outgoing, why.status, why.text);
      if (ended || streams.size >= MOST_STREAMS) return refuse(outgoing, 503, "too many readers\n");
      outgoing.writeHead(200, {
        ...HEADERS,
        "content-type": "text/event-stream; charset=utf-8",
        // nginx keeps back what is small
        "x-accel-buffering": "no",
      });
      if (incoming.method === "HEAD") return void outgoing.end();
      const nowMs = monotonicMs();
      const stream = { outgoing, sinceMs: nowMs, seenMs: seenBefore(incoming), spokenMs: nowMs };
      streams.add(stream);
      outgoing.once("close", () => leave(stream));
      outgoing.on("error", () => leave(stream));
      say(stream, `retry: ${AGAIN_MS}\n\n`);
      timer ??= setInterval(() => void look(), LOOK_MS).unref();
      void look();
    },
    end() {
      ended = true;
      for (const stream of streams) {
        leave(stream);
        stream.outgoing.end();
      }
    },
    size: () => streams.size,
  };
}

const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" } as const;

function refuse(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, { ...HEADERS, "content-type": "text/plain; charset=utf-8", "retry-after": "30" });
  outgoing.end(text);
}

/** A page of somebody else could hold all places without reading a word. */
function whyNot({ method, headers }: IncomingMessage): { readonly status: number; readonly text: string } | null {
  if (method !== "GET" && method !== "HEAD") return { status: 405, text: "this address can only be read\n" };
  const from = headers["sec-fetch-site"] ?? "none";
  if (from === "same-origin" || from === "none") return null;
  return { status: 403, text: "only pages of the dashboard listen here\n" };
}

/** 0, which is told of anything, for what is no time. */
function seenBefore({ url = "/", headers }: IncomingMessage): number {
  const asked = headers["last-event-id"] ?? new URL(url, "http://localhost").searchParams.get("since");
  const seenMs = Number(asked ?? 0);
  return Number.isFinite(seenMs) ? seenMs : 0;
}
