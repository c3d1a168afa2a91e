import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "./connection.ts";
import type { Answer, Answerer } from "./serve.ts";

/** Whether the readiness probe asks the database (`through-db`) or not (`shallow`). */
export const PROBES = ["shallow", "through-db"] as const;
export type Probe = (typeof PROBES)[number];

/** Paths that need the database; every other one is answered without it. */
const DATABASE_PATHS = ["/items", "/orders"];

/**
 * go-app of the tutorial: some paths need the database, and so does the probe, if it is told to.
 */
export function api(database: Connection, probe: Probe): Answerer {
  return async (path) => {
    if (path === "/healthz") {
      if (probe === "through-db") await database.ask("GET items");
      return { status: 200, body: "ok" };
    }
    if (!DATABASE_PATHS.includes(path)) return { status: 200, body: "go-app" };
    return { status: 200, body: await database.ask(`GET ${path.slice(1)}`) };
  };
}

/** A service without dependencies: answers every path itself. */
export const leaf: Answerer = async () => ({ status: 200, body: "ok" });

/**
 * A leaf that answers one request after the other, each in `workMs`, and refuses those that come
 * while `places` wait.
 */
export function busyLeaf(workMs: number, places: number): Answerer {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return async (path) => {
    if (path === "/healthz") return { status: 200, body: "ok" };
    if (waiting >= places) return { status: 503, body: "busy" };
    waiting += 1;
    last = last.then(() => sleep(workMs));
    await last;
    waiting -= 1;
    return { status: 200, body: "ok" };
  };
}

/** How a repeater deals with what it calls. */
export interface Manners {
  /** How often it asks before it passes a failure on; 1: no retry. */
  readonly attempts?: number;
  readonly pauseMs?: number;
  readonly timeoutMs?: number;
  /** Asked, too, for each request; empty: nobody. */
  readonly also?: string;
  /** What `also` does not answer is left out, and fails nothing. */
  readonly optional?: boolean;
}

/** repeater of the tutorial: asks `upstream` and passes its answer on. */
export function repeater(upstream: string, manners: Manners = {}): Answerer {
  const { attempts = 1, pauseMs = BETWEEN_ATTEMPTS_MS, timeoutMs = UPSTREAM_TIMEOUT_MS } = manners;
  const { also = "", optional = false } = manners;
  const askOften = async (path: string): Promise<Answer> => {
    for (let left = attempts - 1; ; left--) {
      const answer = await ask(new URL(path, upstream), timeoutMs).catch((cause: unknown) => {
        if (left === 0) throw new Error(`${upstream} did not answer`, { cause });
        return null;
      });
      if (answer !== null && (answer.status < 500 || left === 0)) return answer;
      await sleep(pauseMs);
    }
  };
  return async (path) => {
    if (path === "/healthz") return { status: 200, body: "ok" };
    const answer = await askOften(path);
    if (also === "") return answer;
    const more = await ask(new URL(path, also), timeoutMs).catch(() => null);
    return more !== null && more.status >= 500 && !optional ? more : answer;
  };
}

async function ask(url: URL, timeoutMs: number): Promise<Answer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  return { status: response.status, body: (await response.text()).trimEnd() };
}

const UPSTREAM_TIMEOUT_MS = 5_000;
const BETWEEN_ATTEMPTS_MS = 100;
