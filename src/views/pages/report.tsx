import type { FC } from "hono/jsx";
import { OUTCOMES_WORST_FIRST } from "../../core/model/outcome.ts";
import type { ExperimentLine, WeeklyReport } from "../../core/model/weekly-report.ts";
import { counted } from "../../core/text/format.ts";
import {
  findingHeadline,
  outcomeWord,
  ownerAndConfidence,
  recoveryText,
  scoreText,
  trendText,
  unknownText,
  weekSpan,
} from "../../core/text/weekly.ts";
import type { Drawing } from "../charts/draw.ts";
import { pathOf } from "../data.ts";
import { ExperimentHead } from "../experiment-table.tsx";
import { Bullets, Card, Empty, HandledBy, Moment, OutcomePill, PlainPill, StatusTag } from "../parts.tsx";
import { ShareBar } from "../share-bar.tsx";
import { FirstPage } from "./report-first.tsx";
import { Natural } from "./report-natural.tsx";
import { Coverage, LinkedMoment, Suspects, Trend, Trust } from "./report-tables.tsx";

export interface ReportProps {
  readonly report: WeeklyReport;
  readonly chart: Drawing | null;
  /** Whether links to other pages work where this is read; not in a mail or a saved file. */
  readonly linked: boolean;
}

/**
 * The report itself, for the dashboard and for a page of its own. Reads in order without any style.
 */
export const ReportBody: FC<ReportProps> = (props) => {
  const { report } = props;
  const { week, cluster, madeAtMs } = report;
  return (
    <div class="stack page1">
      <div>
        <p class="crumbs">Resilience report of {cluster}</p>
        <h1>
          {week.id}: {weekSpan(week)}
        </h1>
        <p class="lead">
          {madeAtMs < week.toMs ? "So far; made " : "Made "}
          <Moment atMs={madeAtMs} timezone={week.timezone} /> ({week.timezone})
        </p>
      </div>
      <FirstPage report={report} />
      <div class="stack details">
        <Summary report={report} />
        <Findings {...props} />
        <Experiments {...props} />
        <Natural {...props} />
        <Suspects report={report} />
        <Coverage report={report} />
        <Trust report={report} />
        <Trend report={report} />
      </div>
    </div>
  );
};

const Summary: FC<{ report: WeeklyReport }> = ({ report: { score, recovery, experiments, trend } }) => {
  const changed = trendText(trend);
  const all = Math.max(1, score.unaffected + score.recovered + score.notRecovered + score.unknown);
  return (
    <Card title="In short">
      <p>
        <b>{scoreText(score)}.</b>
      </p>
      <ShareBar
        unaffected={score.unaffected / all}
        recovered={score.recovered / all}
        notRecovered={score.notRecovered / all}
      />
      <p class="sub">{unknownText(score)}</p>
      <ul class="bul">
        {changed === null ? null : <li>{changed}.</li>}
        <li>Recovery: {recoveryText(recovery)}.</li>
        <li>
          {counted(experiments.planned, "slot")}: {experiments.injected} injected, {counted(experiments.shams, "sham")},{" "}
          {experiments.refused} refused, {experiments.missed} missed
          {experiments.notInjected === 0 ? "" : `, ${experiments.notInjected} not injected`}
          {experiments.running === 0 ? "" : `, ${experiments.running} still running`}.
        </li>
      </ul>
    </Card>
  );
};

const Findings: FC<ReportProps> = ({ report: { findings, week }, linked }) => (
  <Card title="Findings">
    {findings.length === 0 ? (
      <Empty>None.</Empty>
    ) : (
      findings.map((line) => (
        <article class="finding">
          <h3>
            {findingHeadline(line)} <StatusTag status={line.status} />
          </h3>
          {line.finding === null || line.status === "fixed" ? null : (
            <>
              <p>{line.finding.explanation}</p>
              <Bullets texts={line.finding.advice.fix} />
            </>
          )}
          <HandledBy line={line} timezone={week.timezone} />
          <p class="sub">
            {ownerAndConfidence(line)}. Seen {line.seen === 1 ? "once" : `${line.seen} times`}, last looked at in{" "}
            {linked ? <a href={pathOf.experiment(line.experimentId)}>{line.experimentId}</a> : line.experimentId}
          </p>
        </article>
      ))
    )}
  </Card>
);

const Experiments: FC<ReportProps> = ({ report, chart, linked }) => {
  const { experiments, week } = report;
  const outcomes = OUTCOMES_WORST_FIRST.filter((one) => experiments.byOutcome[one] > 0);
  return (
    <Card title="Experiments">
      {chart === null ? null : (
        <figure class="wide">
          <div dangerouslySetInnerHTML={{ __html: chart.svg }} />
        </figure>
      )}
      <p class="legend">
        {outcomes.map((outcome) => (
          <span>
            {experiments.byOutcome[outcome]} × <OutcomePill outcome={outcome} />
          </span>
        ))}
      </p>
      {experiments.lines.length === 0 ? (
        <Empty>None was judged.</Empty>
      ) : (
        <table class="fold">
          <ExperimentHead />
          <tbody>
            {experiments.lines.map((line) => (
              <tr>
                <td>
                  <LinkedMoment id={line.id} atMs={line.atMs} timezone={week.timezone} linked={linked} />
                </td>
                <td>
                  <span class="nm">{line.target}</span> <span class="sub nw">{line.sham ? "sham" : line.fault}</span>
                </td>
                <td>
                  {line.outcome === null ? (
                    <PlainPill>{outcomeWord(line)}</PlainPill>
                  ) : (
                    <OutcomePill outcome={line.outcome} />
                  )}
                </td>
                <td>{impactText(line)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
};

const impactText = ({ impact, open, verdict }: ExperimentLine): string => {
  if (impact === "") return verdict === "inconclusive" ? "could not be judged" : "no service was affected";
  return open ? `${impact} (still open)` : impact;
};
