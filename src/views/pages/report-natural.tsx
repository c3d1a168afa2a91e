import type { FC } from "hono/jsx";
import type { WeeklyReport } from "../../core/model/weekly-report.ts";
import { naturalImpact } from "../../core/report/weekly/natural.ts";
import { counted } from "../../core/text/format.ts";
import { Card, VerdictPill } from "../parts.tsx";
import { LinkedMoment } from "./report-tables.tsx";

/** Most lines; the worst come first. */
const LISTED = 20;

/** What happened without us, and who noticed. Nothing where nothing did. */
export const Natural: FC<{ report: WeeklyReport; linked: boolean }> = ({ report: { natural, week }, linked }) =>
  natural.length === 0 ? null : (
    <Card title="What failed by itself" note="not by Aftershock, judged alike">
      <table class="fold">
        <thead>
          <tr>
            <th>When</th>
            <th>What</th>
            <th>Verdict</th>
            <th>What happened</th>
          </tr>
        </thead>
        <tbody>
          {natural.slice(0, LISTED).map((line) => (
            <tr>
              <td>
                <LinkedMoment id={line.id} atMs={line.atMs} timezone={week.timezone} linked={linked} />
              </td>
              <td>
                <span class="nm">{line.died}</span> <span class="sub">{line.why}</span>
              </td>
              <td>{line.verdict === null ? null : <VerdictPill kind={line.verdict} />}</td>
              <td>{naturalImpact(line)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {natural.length <= LISTED ? null : <p class="sub">and {counted(natural.length - LISTED, "other")}</p>}
    </Card>
  );
