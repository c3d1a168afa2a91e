import { existsSync } from "node:fs";
import { basePathOf } from "../../views/base-path.ts";
import type { Io } from "../io.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import type { Wired } from "../wire.ts";
import { factsOf } from "./facts.ts";
import type { RunningWeb, WebOptions } from "./serve.ts";
import { startWebThread } from "./web-thread.ts";

const optionsOf = ({ config: { web } }: Wired): WebOptions => ({
  host: web.host,
  port: web.port,
  base: basePathOf(web.url),
  hosts: [...web.hosts, ...(web.url === null ? [] : [new URL(web.url).hostname])],
});

/**
 * Serves the dashboard from this event loop: for the demo. Rejects with `usage` when the port is
 * taken.
 */
export async function startWeb(wired: Wired): Promise<RunningWeb> {
  const [{ serveWeb }, { pagesOf }] = await Promise.all([import("./serve.ts"), import("./pages.ts")]);
  const options = optionsOf(wired);
  return serveWeb(pagesOf({ deps: wired.deps, facts: factsOf(wired) }, options), options);
}

/**
 * Serves the dashboard from a thread with connections of its own, so that nobody who reads pages
 * keeps a halt waiting. Rejects with `usage` when the port is taken.
 */
export function startWebBeside(wired: Wired, options: ConfiguredOptions, io: Io): Promise<RunningWeb> {
  const entry = new URL("web-thread.mjs", import.meta.url);
  // Node cannot run the pages' sources: without a bundle, as in tests, they are served here
  if (!existsSync(entry)) return startWeb(wired);
  const given = { config: options.config, cwd: io.cwd, env: { ...io.env }, web: optionsOf(wired) };
  return startWebThread(entry, given, factsOf(wired), wired.deps);
}
