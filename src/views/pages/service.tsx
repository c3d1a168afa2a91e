import type { FC } from "hono/jsx";
import type { ServiceId } from "../../core/model/cluster.ts";
import { worstFirst } from "../../core/model/degraded.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { outcomeOfVerdict } from "../../core/model/outcome.ts";
import type { SettledRisk } from "../../core/model/risk.ts";
import type { FindingLine } from "../../core/model/weekly-report.ts";
import { experimentLinks, lastDayLinks } from "../../core/report/links.ts";
import { counted } from "../../core/text/format.ts";
import { effectText } from "../../core/text/outcome.ts";
import { findingHeadline } from "../../core/text/weekly.ts";
import { pathOf, type WebStatus } from "../data.ts";
import { ExperimentTable } from "../experiment-table.tsx";
import { momentOf, whatTheExperimentDid } from "../experiment-words.ts";
import { Page } from "../layout.tsx";
import type { ListedExperiment } from "../lists/listed.ts";
import { queryOf } from "../lists/paging.ts";
import { Card, Elsewhere, Empty, FindingBlock, Moment, OutcomePill, StatusTag } from "../parts.tsx";
import { RiskBlock } from "../risk-block.tsx";

export interface ServiceProps {
  readonly status: WebStatus;
  readonly service: ServiceId;
  /** Experiments that hit it, and those in which it was judged, newest first. */
  readonly hit: readonly ListedExperiment[];
  readonly judged: readonly ExperimentState[];
  readonly findings: readonly FindingLine[];
  readonly risks: readonly SettledRisk[];
  /** Of either kind, however many are told of. */
  readonly total: number;
}

export const ServicePage: FC<ServiceProps> = ({ status, service, hit, judged, findings, risks, total }) => (
  <Page title={service} status={status} here="">
    <div class="stack">
      <div>
        <p class="crumbs">
          <a href="/services">Services</a> / service
        </p>
        <h1>{service}</h1>
        <p class="lead">
          What experiments and natural failures did to it, and the findings behind that.{" "}
          <Elsewhere links={lastDayLinks(status, service)} about={`The last day of ${service}`} />
        </p>
      </div>
      <Card title="Findings">
        {findings.length === 0 ? (
          <Empty>None known.</Empty>
        ) : (
          findings.map((line) =>
            line.finding === null ? (
              <h3>
                {findingHeadline(line)} <StatusTag status={line.status} />
              </h3>
            ) : (
              <FindingBlock finding={line.finding} status={line.status} />
            ),
          )
        )}
      </Card>
      <Card title="Risks" note="what manifests show, and what experiments say of it">
        {risks.length === 0 ? (
          <Empty>None known.</Empty>
        ) : (
          risks.map((risk) => <RiskBlock risk={risk} timezone={status.timezone} />)
        )}
      </Card>
      <Card
        title="Effect on this service"
        note="its worst signal in each experiment that had to do with it, or in which it got worse"
      >
        <Effects states={judged} service={service} status={status} />
      </Card>
      <Card title="When it was hit itself">
        <ExperimentTable lines={hit} timezone={status.timezone} />
      </Card>
      <p class="sub">
        <a href={`/experiments${queryOf({ service })}`}>All {counted(total, "experiment")} that had to do with it</a>
      </p>
    </div>
  </Page>
);

const Effects: FC<{ states: readonly ExperimentState[]; service: ServiceId; status: WebStatus }> = ({
  states,
  service,
  status,
}) =>
  states.length === 0 ? (
    <Empty>None of the last experiments had to do with it, and it got worse in none.</Empty>
  ) : (
    <table class="fold">
      <thead>
        <tr>
          <th>When</th>
          <th>What was done</th>
          <th>Outcome</th>
          <th>What happened to it</th>
        </tr>
      </thead>
      <tbody>
        {states.map((state) => {
          const worst = worstFirst((state.judgement?.verdicts ?? []).filter((v) => v.service === service))[0];
          return worst === undefined ? null : (
            <tr>
              <td>
                <a href={pathOf.experiment(state.plan?.id ?? "")}>
                  <Moment atMs={momentOf(state)} timezone={status.timezone} />
                </a>
              </td>
              <td>{whatTheExperimentDid(state)}</td>
              <td>
                <OutcomePill outcome={outcomeOfVerdict(worst.verdict.kind)} />
              </td>
              <td>
                {effectText(state, worst)}{" "}
                <Elsewhere links={experimentLinks(status, state, service)} about="This time" />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
