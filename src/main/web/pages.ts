import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { underBase } from "../../views/base-path.ts";
import { createWeb } from "../../views/web.tsx";
import { limited } from "./limited.ts";
import type { WebOptions } from "./serve.ts";
import { type WebSource, webData } from "./web-data.ts";

/** What answers for pages, API, probes and metrics, a few at a time. */
export function pagesOf(source: WebSource, { hosts, base }: Pick<WebOptions, "hosts" | "base">): RequestListener {
  const app = createWeb(webData(source), hosts);
  const answer = limited(underBase((request) => app.fetch(request), base));
  return getRequestListener(answer, { overrideGlobalObjects: false });
}
