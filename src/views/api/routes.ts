import type { Context, Hono } from "hono";
import type { WebData } from "../data.ts";
import { serviceHistory } from "../service-history.ts";
import { recordJson, stateJson } from "./json.ts";
import { openApi } from "./openapi.ts";

/** Experiments that one call gives at most, and when it does not say. */
const MAX_LIMIT = 500;
const DEFAULT_LIMIT = 50;

/** The same data as JSON; `openapi.json` describes it. */
export function addApi(app: Hono, data: WebData): void {
  app.get("/api/openapi.json", async (context) => context.json(openApi((await data.status()).version)));
  app.get("/api/status", async (context) => context.json(await data.status()));
  app.get("/api/experiments", async (context) => {
    const limit = limitOf(context.req.query("limit"));
    if (limit === null) return context.json({ error: `limit: expected a whole number from 1 to ${MAX_LIMIT}` }, 400);
    return context.json((await data.experiments(limit)).map(stateJson));
  });
  app.get("/api/experiments/:id", async (context) => {
    const record = await data.experiment(context.req.param("id"));
    return record === null ? notFound(context, "experiment") : context.json(recordJson(record));
  });
  app.get("/api/services/:namespace/:name", async (context) => {
    const { namespace, name } = context.req.param();
    const history = await serviceHistory(data, `${namespace}/${name}`);
    return history === null
      ? notFound(context, "service")
      : context.json({
          ...history,
          hit: history.hit.map(stateJson),
          judged: history.judged.map(stateJson),
        });
  });
  app.get("/api/findings", async (context) => context.json(await data.findings()));
  app.get("/api/slots", async (context) => context.json(await data.nextSlots(DEFAULT_LIMIT)));
  app.get("/api/reports", async (context) => context.json(await data.weeks()));
  app.get("/api/reports/:week", async (context) => {
    const report = await data.report(context.req.param("week"));
    return report === null ? notFound(context, "week") : context.json(report);
  });
}

const notFound = (context: Context, what: string) => context.json({ error: `there is no such ${what}` }, 404);

function limitOf(text: string | undefined): number | null {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= MAX_LIMIT ? limit : null;
}
