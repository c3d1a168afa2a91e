import { given, type Made, madeOf } from "./negotiated.ts";

export type Fetch = (request: Request) => Response | Promise<Response>;

/** Pages that are made at the same time, and requests that wait for one of these places. */
const AT_ONCE = 4;
const MOST_WAITING = 32;
/** A page that was made is given to everybody who asks for it so soon after, ms. */
const KEPT_MS = 1_000;

/**
 * Makes some pages at a time; a few more wait, and the rest is told to come back. Who asks for the
 * same page within a second gets the same answer: two hundred readers cost as much as one.
 */
export function limited(fetch: Fetch, monotonicMs: () => number = () => performance.now()): Fetch {
  const places = turns();
  const made = new Map<string, { readonly answer: Promise<Made | null>; readonly atMs: number }>();
  const make = async (request: Request): Promise<Made | null> => {
    if (!(await places.take())) return null;
    try {
      return await madeOf(await fetch(request));
    } finally {
      places.leave();
    }
  };
  return async (request) => {
    const nowMs = monotonicMs();
    for (const [old, { atMs }] of made) if (nowMs > atMs + KEPT_MS) made.delete(old);
    const key = `${request.method} ${request.headers.get("host")} ${request.url}`;
    const known = made.get(key) ?? { answer: make(request), atMs: nowMs };
    made.set(key, known);
    const answer = await known.answer.catch((cause: unknown) => {
      made.delete(key);
      throw cause;
    });
    if (answer === null) {
      made.delete(key);
      return new Response("too many requests\n", { status: 503, headers: { "retry-after": "1" } });
    }
    return given(answer, request);
  };
}

/** Places for a few at a time, and a short line before them. */
function turns() {
  let free = AT_ONCE;
  const waiting: (() => void)[] = [];
  return {
    /** False when the line is too long. */
    async take(): Promise<boolean> {
      if (free > 0) {
        free--;
        return true;
      }
      if (waiting.length >= MOST_WAITING) return false;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return true;
    },
    leave(): void {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    },
  };
}
