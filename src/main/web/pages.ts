import { createWeb } from "../../views/web.tsx";
import { type Fetch, limited } from "./limited.ts";
import type { WebOptions } from "./serve.ts";
import { type WebSource, webData } from "./web-data.ts";

/** What answers for pages, API, probes and metrics, a few at a time. */
export function pagesOf(source: WebSource, { hosts }: Pick<WebOptions, "hosts">): Fetch {
  const app = createWeb(webData(source), hosts);
  return limited((request) => app.fetch(request));
}
