import type { FC } from "hono/jsx";
import { workloadName } from "../../core/model/cluster.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { stepStartMs } from "../../core/model/series.ts";
import type { SignalVerdict } from "../../core/model/verdict.ts";
import { degradedServices } from "../../core/report/degraded.ts";
import { repeatText } from "../../core/report/subject.ts";
import { counted, formatClock, formatDuration } from "../../core/report/words.ts";
import type { ServiceCharts } from "../charts/experiment.ts";
import type { ExperimentRecord, WebStatus } from "../data.ts";
import { Outcome } from "../experiment-table.tsx";
import { eventText, feltText, isOpen, momentOf, whatTheExperimentDid } from "../experiment-words.ts";
import { Page } from "../layout.tsx";
import { Bullets, Card, Chart, Empty, FindingBlock, Moment, ServiceLink, VerdictPill } from "../parts.tsx";
import { Timeline } from "../timeline.tsx";
import { VerdictTable } from "../verdict-table.tsx";

export interface ExperimentProps {
  readonly status: WebStatus;
  readonly record: ExperimentRecord;
  readonly charts: readonly ServiceCharts[];
}

export const ExperimentPage: FC<ExperimentProps> = ({ status, record, charts }) => {
  const { state, entries } = record;
  const { timezone } = status;
  return (
    <Page title={whatTheExperimentDid(state)} status={status} here="">
      <div class="stack">
        <div>
          <p class="crumbs">
            <a href="/">Overview</a> / <span class="nw">{state.plan?.id ?? "experiment"}</span>
          </p>
          <h1>{whatTheExperimentDid(state)}</h1>
          <p class="lead line">
            <Outcome state={state} />
            <Moment atMs={momentOf(state)} timezone={timezone} />
            <span>{endOf(state)}</span>
          </p>
        </div>
        {state.refusal === null ? null : (
          <Card title={`Nothing was broken: ${state.refusal.gate}`}>
            <p>{state.refusal.why}</p>
          </Card>
        )}
        {state.t0Ms === null ? null : (
          <Card title="What happened" {...(isOpen(state) ? { tone: "bad" as const } : {})}>
            <Impact state={state} />
            <Timeline state={state} timezone={timezone} />
            <p class="legend">
              <span>
                <i class="l-early" />
                early window: a burst or a lasting change
              </span>
              <span>
                <i class="l-late" />
                late window: what lasts after the replacement is Ready
              </span>
            </p>
          </Card>
        )}
        {state.findings.length === 0 ? null : (
          <Card title="What is to blame">
            {state.findings.map((finding) => (
              <FindingBlock finding={finding} />
            ))}
          </Card>
        )}
        {charts.length === 0 ? null : (
          <Card title="Service by service" note="minutes from the moment of the fault">
            {charts.map((one) => (
              <div class="svc">
                <h3>
                  <ServiceLink service={one.service} />
                </h3>
                <div class="charts">
                  {one.charts.map((drawing) => (
                    <Chart drawing={drawing} />
                  ))}
                </div>
              </div>
            ))}
          </Card>
        )}
        {state.judgement === null ? null : <Verdicts state={state} timezone={timezone} />}
        <div class="cols">
          <Card title="Journal" note="append-only">
            <ul class="log">
              {entries.map((entry) => (
                <li>
                  <time datetime={new Date(entry.atMs).toISOString()}>{formatClock(entry.atMs, timezone)}</time>
                  <span>{eventText(entry.event, timezone)}</span>
                </li>
              ))}
            </ul>
          </Card>
          <Card title="Why this target">
            <Facts record={record} />
          </Card>
        </div>
      </div>
    </Page>
  );
};

/** The worst signal of each service that got worse. */
const Impact: FC<{ state: ExperimentState }> = ({ state }) => {
  const worst = state.judgement === null ? [] : degradedServices(state.judgement).concerned;
  if (state.judgement === null) return <Empty>It is being observed; there is no verdict yet.</Empty>;
  if (worst.length === 0) return <p>No service that has to do with the target got worse.</p>;
  return (
    <ul class="rows impact">
      {worst.map((verdict) => (
        <li class="line">
          <VerdictPill kind={verdict.verdict.kind} />
          <b>
            <ServiceLink service={verdict.service} />
          </b>
          <span>{feltText(state, verdict)}</span>
        </li>
      ))}
    </ul>
  );
};

function endOf(state: ExperimentState): string {
  if (state.recoveredAfterMs !== null) {
    return `recovered after ${formatDuration(state.recoveredAfterMs)}${state.cure === null ? "" : `: ${state.cure}`}`;
  }
  if (state.closed !== null) return `closed by ${state.closed.by}: ${state.closed.why}`;
  return isOpen(state) ? "still open" : "";
}

const Verdicts: FC<{ state: ExperimentState; timezone: string }> = ({ state, timezone }) => {
  const { judgement, t0Ms } = state;
  if (judgement === null) return null;
  const bystanders = new Set(degradedServices(judgement).bystanders.map(({ service }) => service));
  const isConcerned = ({ service }: SignalVerdict): boolean => judgement.concerned?.includes(service) ?? true;
  const concerned = judgement.verdicts.filter(isConcerned);
  const others = judgement.verdicts.filter((verdict) => !isConcerned(verdict));
  const notes = [
    ...(judgement.learning ? ["Learning: less than a day of history, so verdicts rest on this window alone."] : []),
    ...(state.provisional ? ["Provisional: the check against other possible instants has not run yet."] : []),
    ...(bystanders.size > 0
      ? [`Got worse at the same time, but has nothing to do with the target: ${[...bystanders].join(", ")}.`]
      : []),
    ...judgement.notes,
  ];
  return (
    <Card title="Verdicts" {...(judgement.origin === null ? {} : { note: `it began in ${judgement.origin}` })}>
      <VerdictTable verdicts={concerned} t0Ms={t0Ms} timezone={timezone} />
      {others.length === 0 ? null : (
        <details>
          <summary>{counted(others.length, "signal")} of services that have nothing to do with the target</summary>
          <VerdictTable verdicts={others} t0Ms={t0Ms} timezone={timezone} />
        </details>
      )}
      {notes.length === 0 ? null : <Bullets texts={notes} />}
    </Card>
  );
};

const Facts: FC<{ record: ExperimentRecord }> = ({ record: { state, observation } }) => {
  const { plan, choice } = state;
  if (choice === null) return <Empty>No target was chosen.</Empty>;
  const rows: readonly (readonly [string, string])[] = [
    ["target", workloadName(choice.target.workload)],
    ["pods", choice.target.pods.map(({ name }) => name).join(", ") || "none"],
    ["services", choice.target.services.join(", ") || "none"],
    ["fault", plan?.sham ? `${choice.fault.kind}, pretended` : (plan?.natural?.what ?? choice.fault.kind)],
    ["eligible", `${choice.eligible}, and ${choice.ineligible} not`],
    ["drawn", choice.drawn],
    ...(choice.confirms === undefined ? [] : ([["made again", repeatText(choice.confirms)]] as const)),
    ...(plan === null
      ? []
      : ([
          ["policy", plan.policy],
          ["seed", String(plan.seed)],
          ["candidate instants", String(plan.candidates.count)],
        ] as const)),
    ...(observation === null
      ? []
      : ([
          [
            "observed",
            `${observation.services.length} services, ${observation.grid.steps} steps of ${formatDuration(observation.grid.stepMs)} from ${new Date(stepStartMs(observation.grid, 0)).toISOString()}`,
          ],
        ] as const)),
  ];
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
};
