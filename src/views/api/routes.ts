import type { Context, Hono } from "hono";
import { experimentLinks, lastDayLinks } from "../../core/report/links.ts";
import type { WebData } from "../data.ts";
import { risksNamed, servicesNamed, servicesOf } from "../list-routes.tsx";
import { applyFilter, filterOf, whyBadFilter } from "../lists/filter.ts";
import { serviceHistory } from "../service-history.ts";
import { recordJson, stateJson } from "./json.ts";
import { answerPart, MAX_LIMIT } from "./lists.ts";
import { openApi } from "./openapi.ts";

/** The same data as JSON; `openapi.json` describes it. */
export function addApi(app: Hono, data: WebData): void {
  app.get("/api/openapi.json", async (context) => context.json(openApi((await data.status()).version)));
  app.get("/api/status", async (context) => context.json(await data.status()));
  app.get("/api/experiments", async (context) => {
    const filter = { refused: "show", ...filterOf(context.req.query()) };
    const problem = whyBadFilter(filter);
    if (problem !== null) return context.json({ error: problem }, 400);
    const [{ timezone }, lines] = await Promise.all([data.status(), data.lines()]);
    return answerPart(context, applyFilter(lines, filter, timezone).lines, async (part) =>
      (await data.states(part.map(({ id }) => id))).map(stateJson),
    );
  });
  app.get("/api/experiments/:id", async (context) => {
    const [status, record] = await Promise.all([data.status(), data.experiment(context.req.param("id"))]);
    if (record === null) return notFound(context, "experiment");
    return context.json(recordJson(record, experimentLinks(status, record.state)));
  });
  app.get("/api/services", async (context) =>
    answerPart(context, servicesNamed(await servicesOf(data), context.req.query("q") ?? "")),
  );
  app.get("/api/services/:namespace/:name", async (context) => {
    const { namespace, name } = context.req.param();
    const [status, history] = await Promise.all([data.status(), serviceHistory(data, `${namespace}/${name}`)]);
    if (history === null) return notFound(context, "service");
    const hit = await data.states(history.hit.map(({ id }) => id));
    const links = lastDayLinks(status, history.service);
    return context.json({ ...history, links, hit: hit.map(stateJson), judged: history.judged.map(stateJson) });
  });
  app.get("/api/findings", async (context) => answerPart(context, await data.findings()));
  app.get("/api/risks", async (context) => {
    const { risks, unread } = await data.risks();
    if (unread !== null) return context.json({ error: unread }, 503);
    return answerPart(context, risksNamed(risks, context.req.query()));
  });
  app.get("/api/calls", async (context) => {
    const { calls, unread } = await data.calls();
    return unread === null ? answerPart(context, calls) : context.json({ error: unread }, 503);
  });
  app.get("/api/slots", async (context) => answerPart(context, await data.nextSlots(MAX_LIMIT)));
  app.get("/api/reports", async (context) => answerPart(context, await data.weeks()));
  app.get("/api/reports/:week", async (context) => {
    const report = await data.report(context.req.param("week"));
    return report === null ? notFound(context, "week") : context.json(report);
  });
}

const notFound = (context: Context, what: string) => context.json({ error: `there is no such ${what}` }, 404);
