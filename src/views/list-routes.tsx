import type { Hono } from "hono";
import type { Outcome } from "../core/model/outcome.ts";
import type { SettledRisk } from "../core/model/risk.ts";
import type { ServiceCall } from "../core/model/service-call.ts";
import { RISK_STATES } from "../core/text/risk.ts";
import type { WebData } from "./data.ts";
import { applyFilter, filterOf, whyBadFilter } from "./lists/filter.ts";
import type { ListedExperiment } from "./lists/listed.ts";
import { pageOf } from "./lists/paging.ts";
import { type ListedService, listServices } from "./lists/services.ts";
import { type Looks, serviceGraph, servicesIn } from "./map/graph.ts";
import type { PlacedOf } from "./map/placed.ts";
import { ExperimentsPage } from "./pages/experiments.tsx";
import { MapPage } from "./pages/map.tsx";
import { RisksPage } from "./pages/risks.tsx";
import { ServicesPage } from "./pages/services.tsx";
import { htmlOf } from "./render.ts";

/** Lines of a list on one page. */
const PER_PAGE = 50;
/** Each with what it rests on and what to change. */
const RISKS_PER_PAGE = 25;

/** The pages that list experiments and services, with what narrows them in their address. */
export function addLists(app: Hono, data: WebData, placedOf: PlacedOf): void {
  app.get("/experiments", async (context) => {
    const query = context.req.query();
    const [status, lines] = await Promise.all([data.status(), data.lines()]);
    const filter = filterOf(query);
    const problem = whyBadFilter(filter);
    const found = problem === null ? applyFilter(lines, filter, status.timezone) : { lines: [], folded: 0 };
    const shown = pageOf(found.lines, query.page, PER_PAGE);
    const props = { status, filter, problem, shown, folded: found.folded, known: knownIn(lines) };
    return context.html(await htmlOf(<ExperimentsPage {...props} />), problem === null ? 200 : 400);
  });

  app.get("/services", async (context) => {
    const { q = "", page } = context.req.query();
    const [status, all] = await Promise.all([data.status(), servicesOf(data)]);
    const shown = pageOf(servicesNamed(all, q), page, PER_PAGE);
    return context.html(await htmlOf(<ServicesPage status={status} shown={shown} q={q.trim()} />));
  });

  app.get("/map", async (context) => {
    const { family: asked = "", page } = context.req.query();
    const family = asked === "" ? null : asked;
    const [status, known, lines] = await Promise.all([data.status(), data.calls(), data.lines()]);
    const graph = serviceGraph(known.calls, lastOutcomes(known.calls, lines), family);
    const boxes = new Set(graph.nodes.map(({ id }) => id));
    const near = (one: ServiceCall): boolean => family === null || boxes.has(one.caller) || boxes.has(one.callee);
    const calls = known.calls.filter(near).toSorted((a, b) => b.perSecond - a.perSecond);
    const props = { status, known, graph, placed: await placedOf(graph), family };
    return context.html(await htmlOf(<MapPage {...props} shown={pageOf(calls, page, PER_PAGE)} />));
  });

  app.get("/risks", async (context) => {
    const { q = "", state = "", page } = context.req.query();
    const [status, known] = await Promise.all([data.status(), data.risks()]);
    const shown = pageOf(risksNamed(known.risks, { q, state }), page, RISKS_PER_PAGE);
    const props = { status, known, shown, asked: { q: q.trim(), state } };
    return context.html(await htmlOf(<RisksPage {...props} />));
  });
}

/** What the newest experiment that said something says of each service of the call graph. */
function lastOutcomes(calls: readonly ServiceCall[], lines: readonly ListedExperiment[]): Looks {
  const wanted = new Set(servicesIn(calls));
  const looks = new Map<string, Outcome>();
  for (const line of lines) {
    if (line.outcome === null) continue;
    for (const { service, outcome } of line.effects)
      if (wanted.has(service) && !looks.has(service)) looks.set(service, outcome);
  }
  return looks;
}

/** Risks from what was confirmed to what was refuted, narrowed by part of a name and a state. */
export function risksNamed(
  risks: readonly SettledRisk[],
  { q = "", state = "" }: { readonly q?: string; readonly state?: string },
): readonly SettledRisk[] {
  const part = q.trim().toLowerCase();
  const fits = ({ title, workload }: SettledRisk): boolean =>
    `${workload.namespace}/${workload.name} ${title}`.toLowerCase().includes(part);
  return RISK_STATES.filter((one) => state === "" || one === state).flatMap((one) =>
    risks.filter((risk) => risk.state === one && fits(risk)),
  );
}

/** Services whose name has `q` in it. */
export const servicesNamed = (all: readonly ListedService[], q: string): readonly ListedService[] =>
  all.filter(({ service }) => service.toLowerCase().includes(q.trim().toLowerCase()));

/** Every service that is known, with the coverage of the current week. */
export async function servicesOf(data: WebData): Promise<readonly ListedService[]> {
  const [lines, findings, { risks }, [week]] = await Promise.all([
    data.lines(),
    data.findings(),
    data.risks(),
    data.weeks(),
  ]);
  const report = week === undefined ? null : await data.report(week);
  return listServices({ lines, findings, risks, coverage: report?.coverage.lines ?? [] });
}

/** What lists may be narrowed by: everything that occurs in them, in order. */
function knownIn(lines: readonly ListedExperiment[]) {
  const distinct = (values: readonly (string | null)[]): string[] =>
    [...new Set(values)].filter((value) => value !== null && value !== "").toSorted() as string[];
  return {
    policy: distinct(lines.map(({ policy }) => policy)),
    fault: distinct(lines.map(({ fault }) => fault)),
    service: distinct(lines.flatMap(({ services, effects }) => [...services, ...effects.map((one) => one.service)])),
  };
}
