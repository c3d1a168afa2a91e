import { tooLong, WATCH_LINE_MAX_CHARS } from "./bounded.ts";

/** One line of a watch's answer. */
export interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

/**
 * Reads the events of a watch as they arrive. Ends when the server ends the answer, or after
 * `quietMs` without a byte (a server that is alive sends a bookmark every minute); rejects when the
 * connection breaks.
 */
export async function* watchEvents(
  body: ReadableStream<Uint8Array>,
  quietMs: number,
): AsyncGenerator<WatchEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    while (true) {
      const chunk = await readOrQuiet(reader, quietMs);
      if (chunk === null) return;
      rest += decoder.decode(chunk, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > WATCH_LINE_MAX_CHARS) throw tooLong("a line of the watch");
      for (const line of lines) {
        if (line.trim() !== "") yield JSON.parse(line) as WatchEvent;
      }
    }
  } finally {
    reader.cancel().catch(() => undefined); // frees the connection; it may be broken already
  }
}

/** The next chunk; null at the end of the answer or when it stays quiet. */
async function readOrQuiet(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  quietMs: number,
): Promise<Uint8Array | null> {
  const quiet = Promise.withResolvers<null>();
  const timer = setTimeout(() => quiet.resolve(null), quietMs);
  try {
    const next = reader.read().then((chunk) => chunk.value ?? null);
    next.catch(() => undefined); // when quiet comes first, nobody else looks at this one
    return await Promise.race([next, quiet.promise]);
  } finally {
    clearTimeout(timer);
  }
}
