import type { FC } from "hono/jsx";
import { plainName, type WeeklyReport } from "../../core/model/weekly-report.ts";
import { counted } from "../../core/text/format.ts";
import {
  auditTexts,
  confidenceOfSuspect,
  EVIDENCE_MEANS,
  falseAlarmText,
  suspectText,
  trendValue,
  trendWord,
} from "../../core/text/weekly.ts";
import { pathOf } from "../data.ts";
import { Card, COVERAGE_WORD, Empty, Moment } from "../parts.tsx";

// The second half of the report: what was tested, how far to trust it, and what changed since the
// week before.

/** When an experiment was, leading to its page where there is one. */
export const LinkedMoment: FC<{ id: string; atMs: number; timezone: string; linked: boolean }> = ({
  id,
  atMs,
  timezone,
  linked,
}) => {
  const moment = <Moment atMs={atMs} timezone={timezone} />;
  return linked ? <a href={pathOf.experiment(id)}>{moment}</a> : moment;
};

export const Coverage: FC<{ report: WeeklyReport }> = ({ report: { coverage, week } }) => (
  <Card title="Coverage" note={`${coverage.hit} of ${counted(coverage.eligible, "eligible workload")} tested`}>
    {coverage.lines.length === 0 ? (
      <Empty>No workload is looked at by any policy.</Empty>
    ) : (
      <table class="fold">
        <thead>
          <tr>
            <th>Workload</th>
            <th>State</th>
            <th class="num">Times</th>
            <th>Last lost a pod</th>
            <th>Why not</th>
          </tr>
        </thead>
        <tbody>
          {coverage.lines.map((line) => (
            <tr>
              <td>
                <span class="nm">{plainName(line.workload)}</span> <span class="sub">{line.workload.kind}</span>
              </td>
              <td>{COVERAGE_WORD[line.state]}</td>
              <td class="num" data-k="times">
                {line.hits}
              </td>
              <td data-k="last">
                {line.lastHitMs === null ? "never" : <Moment atMs={line.lastHitMs} timezone={week.timezone} />}
              </td>
              <td>{line.why.join("; ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </Card>
);

export const Suspects: FC<{ report: WeeklyReport }> = ({ report: { suspects } }) =>
  suspects.length === 0 ? null : (
    <Card title="What got worse, and how sure that is" note="experiments of 90 days">
      <ul class="bul">
        {suspects.map((one) => (
          <li>
            {suspectText(one)} <span class="sub">({confidenceOfSuspect(one)})</span>
          </li>
        ))}
      </ul>
      <p class="sub">{EVIDENCE_MEANS}</p>
    </Card>
  );

export const Trust: FC<{ report: WeeklyReport }> = ({ report: { falseAlarms, audit, refusals, missed, week } }) => (
  <Card title="How far to trust this">
    <p>{falseAlarmText(falseAlarms)}.</p>
    {auditTexts(audit, falseAlarms, week.timezone).map((text) => (
      <p>{text}.</p>
    ))}
    <ul class="bul">
      {refusals.map(({ gate, count, why }) => (
        <li>
          {gate} refused {counted(count, "slot")}; the last time because {why}
        </li>
      ))}
      {missed.map(({ atMs, why }) => (
        <li>
          <Moment atMs={atMs} timezone={week.timezone} /> was missed: {why}
        </li>
      ))}
    </ul>
  </Card>
);

export const Trend: FC<{ report: WeeklyReport }> = ({ report: { trend, week } }) =>
  trend === null ? null : (
    <Card title={`Compared with ${trend.week}`}>
      <table class="narrow">
        <thead>
          <tr>
            <th>Figure</th>
            <th class="num">{trend.week}</th>
            <th class="num">{week.id}</th>
            <th>Change</th>
          </tr>
        </thead>
        <tbody>
          {trend.lines.map((line) => (
            <tr>
              <td>{line.label}</td>
              <td class="num">{trendValue(line.before, line.unit)}</td>
              <td class="num">{trendValue(line.now, line.unit)}</td>
              <td class="sub">
                {line.better === null ? "" : line.better ? "▲ " : "▼ "}
                {trendWord(line)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
