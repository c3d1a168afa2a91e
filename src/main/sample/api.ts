import type { Connection } from "./connection.ts";
import type { Answerer } from "./serve.ts";

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

/** repeater of the tutorial: asks `upstream` and passes its answer on. */
export function repeater(upstream: string): Answerer {
  return async (path) => {
    if (path === "/healthz") return { status: 200, body: "ok" };
    const response = await fetch(new URL(path, upstream), { signal: AbortSignal.timeout(UPSTREAM_TIMEOUT_MS) }).catch(
      (cause: unknown) => {
        throw new Error(`${upstream} did not answer`, { cause });
      },
    );
    return { status: response.status, body: (await response.text()).trimEnd() };
  };
}

const UPSTREAM_TIMEOUT_MS = 5_000;
