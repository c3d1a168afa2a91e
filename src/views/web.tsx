import { Hono } from "hono";
import { degradedServices, worstPerService } from "../core/model/degraded.ts";
import { describeError } from "../core/model/error.ts";
import { addApi } from "./api/routes.ts";
import { refuseBadAddress } from "./bad-address.tsx";
import { experimentCharts } from "./charts/experiment.ts";
import { weekChart } from "./charts/week.ts";
import type { ExperimentRecord, WebData } from "./data.ts";
import { refuseStrangeHosts } from "./hosts.ts";
import { Page } from "./layout.tsx";
import { addLists } from "./list-routes.tsx";
import { blastRadius } from "./map/blast.ts";
import { type PlacedOf, placements } from "./map/placed.ts";
import { METRICS_CONTENT_TYPE } from "./metrics.ts";
import { ExperimentPage } from "./pages/experiment.tsx";
import { FailurePage } from "./pages/failure.tsx";
import { FindingsPage } from "./pages/findings.tsx";
import { HelpPage } from "./pages/help.tsx";
import { OverviewPage } from "./pages/overview.tsx";
import { ReportBody } from "./pages/report.tsx";
import { ReportsPage } from "./pages/reports.tsx";
import { ServicePage } from "./pages/service.tsx";
import { htmlOf } from "./render.ts";
import { securityHeaders } from "./security.ts";
import { serviceHistory } from "./service-history.ts";

const NEXT_SLOTS = 6;
/** Charts are drawn for this many services: the target, and those that got worst. */
const CHARTED_SERVICES = 6;

/**
 * The dashboard, the API, and what Kubernetes and Prometheus ask for. Reads only: anything but GET
 * and HEAD is refused. It keeps only where graphs are drawn, so the same data give the same pages.
 * @param hosts names under which it is reached, besides addresses and names inside the cluster
 */
export function createWeb(data: WebData, hosts: readonly string[] = []): Hono {
  const app = new Hono();
  app.use(securityHeaders);
  app.use(refuseStrangeHosts(hosts));
  app.use(refuseBadAddress);
  app.use(async (context, next) => {
    if (context.req.method === "GET" || context.req.method === "HEAD") return next();
    return context.text("this address can only be read\n", 405, { allow: "GET, HEAD" });
  });
  const placedOf = placements();
  addPages(app, data, placedOf);
  addLists(app, data, placedOf);
  addProbes(app, data);
  addApi(app, data);
  app.notFound(async (context) => {
    if (context.req.path.startsWith("/api/")) return context.json({ error: "there is nothing at this address" }, 404);
    return context.html(await missing("There is nothing at this address", "It may have been mistyped."), 404);
  });
  app.onError(async (cause, context) => {
    const why = describeError(cause);
    if (context.req.path.startsWith("/api/")) return context.json({ error: why }, 503);
    return context.html(await missing("This cannot be shown now", why), 503);
  });
  return app;
}

const missing = (title: string, detail: string): Promise<string> =>
  htmlOf(<FailurePage title={title} detail={detail} />);

function addPages(app: Hono, data: WebData, placedOf: PlacedOf): void {
  app.get("/", async (context) => {
    const [status, lines, findings, known, slots, weeks] = await Promise.all([
      data.status(),
      data.lines(),
      data.findings(),
      data.risks(),
      data.nextSlots(NEXT_SLOTS),
      data.weeks(),
    ]);
    const open = await data.states(lines.filter((line) => line.open).map(({ id }) => id));
    const report = weeks[0] === undefined ? null : await data.report(weeks[0]);
    return context.html(await htmlOf(<OverviewPage {...{ status, lines, open, findings, known, slots, report }} />));
  });

  app.get("/experiments/:id", async (context) => {
    const [status, record] = await Promise.all([data.status(), data.experiment(context.req.param("id"))]);
    if (record === null)
      return context.html(await missing("No such experiment, or not kept any more", context.req.param("id")), 404);
    const charts = record.observation
      ? await experimentCharts(record.state, record.observation, {
          services: chartedServices(record),
          bands: record.bands ?? [],
        })
      : [];
    const graph = blastRadius(record.state, record.calls);
    const blast = graph === null ? null : { graph, placed: await placedOf(graph) };
    return context.html(await htmlOf(<ExperimentPage {...{ status, record, charts, blast }} />));
  });

  app.get("/services/:namespace/:name", async (context) => {
    const { namespace, name } = context.req.param();
    const [status, history] = await Promise.all([data.status(), serviceHistory(data, `${namespace}/${name}`)]);
    if (history === null) {
      return context.html(await missing("No experiment has seen this service", `${namespace}/${name}`), 404);
    }
    return context.html(await htmlOf(<ServicePage status={status} {...history} />));
  });

  app.get("/findings", async (context) => {
    const [status, findings] = await Promise.all([data.status(), data.findings()]);
    return context.html(await htmlOf(<FindingsPage status={status} findings={findings} />));
  });

  app.get("/help", async (context) => {
    const [status, weeks] = await Promise.all([data.status(), data.weeks()]);
    const report = weeks[0] === undefined ? null : await data.report(weeks[0]);
    return context.html(await htmlOf(<HelpPage status={status} report={report} />));
  });

  app.get("/reports", async (context) => {
    const [status, weeks] = await Promise.all([data.status(), data.weeks()]);
    return context.html(await htmlOf(<ReportsPage status={status} weeks={weeks} />));
  });

  app.get("/reports/:week", async (context) => {
    const [status, report] = await Promise.all([data.status(), data.report(context.req.param("week"))]);
    if (report === null) return context.html(await missing("No such week", context.req.param("week")), 404);
    const chart = await weekChart(report);
    return context.html(
      await htmlOf(
        <Page title={`Report ${report.week.id}`} status={status} here="/reports">
          <ReportBody report={report} chart={chart} linked={true} />
        </Page>,
      ),
    );
  });
}

/** The target's services first, then the others from worst to best. */
function chartedServices({ state, observation }: ExperimentRecord): readonly string[] {
  const { judgement, choice } = state;
  const worst = judgement === null ? [] : degradedServices(judgement).concerned.map(({ service }) => service);
  const rest = worstPerService(judgement?.verdicts ?? [])
    .map(({ service }) => service)
    .filter((service) => judgement?.concerned?.includes(service) ?? true);
  const targets = choice?.target.services ?? [];
  const seen = new Set(observation?.services.map(({ service }) => service));
  return [...new Set([...worst, ...targets, ...rest])]
    .filter((service) => seen.has(service))
    .slice(0, CHARTED_SERVICES);
}

function addProbes(app: Hono, data: WebData): void {
  app.get("/healthz", async (context) => {
    const why = await data.whyNotAlive();
    return why === null ? context.text("ok\n") : context.text(`not alive: ${why}\n`, 503);
  });
  app.get("/readyz", async (context) => {
    const why = await data.whyNotReady();
    return why === null ? context.text("ok\n") : context.text(`not ready: ${why}\n`, 503);
  });
  app.get("/metrics", async (context) =>
    context.body(await data.metrics(), 200, { "content-type": METRICS_CONTENT_TYPE }),
  );
}
