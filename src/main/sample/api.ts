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
 * repeater of the tutorial: asks `upstream` and passes its answer on. With more than one attempt a
 * caller that retries what failed, after a short pause.
 */
export function repeater(upstream: string, attempts = 1): Answerer {
  return async (path) => {
    if (path === "/healthz") return { status: 200, body: "ok" };
    for (let left = attempts - 1; ; left--) {
      const answer = await ask(new URL(path, upstream)).catch((cause: unknown) => {
        if (left === 0) throw new Error(`${upstream} did not answer`, { cause });
        return null;
      });
      if (answer !== null && (answer.status < 500 || left === 0)) return answer;
      await sleep(BETWEEN_ATTEMPTS_MS);
    }
  };
}

async function ask(url: URL): Promise<Answer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(UPSTREAM_TIMEOUT_MS) });
  return { status: response.status, body: (await response.text()).trimEnd() };
}

const UPSTREAM_TIMEOUT_MS = 5_000;
const BETWEEN_ATTEMPTS_MS = 100;
