import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createWeb } from "../../views/web.tsx";
import { limited } from "./limited.ts";
import type { WebOptions } from "./serve.ts";
import { type WebSource, webData } from "./web-data.ts";

/** What answers for pages, API, probes and metrics, a few at a time. */
export function pagesOf(source: WebSource, { hosts }: Pick<WebOptions, "hosts">): RequestListener {
  const app = createWeb(webData(source), hosts);
  const answer = limited((request) => app.fetch(request));
  return getRequestListener(answer, { overrideGlobalObjects: false });
}
