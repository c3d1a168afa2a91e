import { getRequestListener } from "@hono/node-server";
import { underBase } from "../../views/base-path.ts";
import type { WebData } from "../../views/data.ts";
import { STRANGE_HOST, servedHosts } from "../../views/hosts.ts";
import { EVENTS_PATH } from "../../views/live.ts";
import { createWeb } from "../../views/web.tsx";
import { changedAt } from "./changed.ts";
import { eventStreams } from "./event-streams.ts";
import { limited } from "./limited.ts";
import type { Served, WebOptions } from "./serve.ts";
import { type WebSource, webData } from "./web-data.ts";

type Names = Pick<WebOptions, "hosts" | "base">;

/** What answers for pages, API, probes and metrics, a few at a time, and tells of changes. */
export const pagesOf = (source: WebSource, names: Names): Served =>
  served(webData(source), names, () => source.deps.clock.nowMs());

/** The same of data from anywhere. */
export function served(data: WebData, { hosts, base }: Names, nowMs: () => number): Served {
  const app = createWeb(data, hosts);
  const pages = getRequestListener(limited(underBase((request) => app.fetch(request), base)), {
    overrideGlobalObjects: false,
  });
  const isServed = servedHosts(hosts);
  const streams = eventStreams({
    changedAtMs: changedAt(data, nowMs),
    monotonicMs: () => performance.now(),
  });
  return {
    listener(incoming, outgoing) {
      const [path] = (incoming.url ?? "/").split("?", 1);
      if (path !== EVENTS_PATH && path !== base + EVENTS_PATH) return pages(incoming, outgoing);
      if (isServed(incoming.headers.host ?? "")) return streams.serve(incoming, outgoing);
      outgoing.writeHead(421, { "content-type": "text/plain; charset=utf-8" }).end(STRANGE_HOST);
    },
    end: () => streams.end(),
  };
}
