import type { FC } from "hono/jsx";
import type { WeeklyReport } from "../../core/model/weekly-report.ts";
import {
  costText,
  findingText,
  knownRisksText,
  neverTestedText,
  openTexts,
  planText,
  serviceCells,
  trustText,
  unusedTexts,
  weekSentence,
} from "../../core/text/week-page.ts";
import { scoreText, unknownText } from "../../core/text/weekly.ts";
import { Bullets, Card } from "../parts.tsx";

/** So many lines of each list fit on one A4 page. */
const SERVICES_TOLD = 14;
const FINDINGS_TOLD = 8;
const OPEN_TOLD = 4;

/**
 * What a lead reads on Monday: one page of A4 when printed. Everything else stands below it, and is
 * not printed.
 */
export const FirstPage: FC<{ report: WeeklyReport }> = ({ report }) => {
  const open = openTexts(report);
  const plan = planText(report);
  const risks = knownRisksText(report);
  return (
    <>
      <Card title="The week in a sentence">
        <p>
          <b>{weekSentence(report)}</b>
        </p>
      </Card>
      {open.length === 0 ? null : (
        <Card title="Still open" tone="bad">
          <Bullets texts={shortened(open, OPEN_TOLD)} />
        </Card>
      )}
      <Card title="Outcomes">
        <p>
          {scoreText(report.score)}. {unknownText(report.score)} {costText(report)}.
        </p>
      </Card>
      <Services report={report} />
      {report.findings.length === 0 ? null : (
        <Card title="New, fixed and open findings">
          <Bullets texts={shortened(report.findings.map(findingText), FINDINGS_TOLD)} />
        </Card>
      )}
      <Card title="Not tested, next, trust">
        <Bullets
          texts={[
            neverTestedText(report),
            ...(risks === null ? [] : [risks]),
            ...(plan === null ? [] : [plan]),
            ...unusedTexts(report).slice(0, 4),
            trustText(report),
          ].map((text) => `${text}.`)}
        />
      </Card>
    </>
  );
};

const shortened = (texts: readonly string[], most: number): readonly string[] =>
  texts.length <= most ? texts : [...texts.slice(0, most), `and ${texts.length - most} more`];

const COLUMNS = ["Tested", "Unaffected", "Recovered", "Not recovered", "Unknown", "Requests failed"] as const;

const Services: FC<{ report: WeeklyReport }> = ({ report: { services } }) =>
  services.length === 0 ? null : (
    <Card title="Services">
      <table class="fold">
        <thead>
          <tr>
            <th>Service</th>
            {COLUMNS.map((name) => (
              <th class="num">{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {services.slice(0, SERVICES_TOLD).map((line) => (
            <tr>
              <td>{line.service}</td>
              {serviceCells(line).map((cell, i) => (
                <td class="num" data-k={COLUMNS[i]}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {services.length > SERVICES_TOLD ? <p class="sub">and {services.length - SERVICES_TOLD} more</p> : null}
    </Card>
  );
