import type { FC } from "hono/jsx";
import type { WeeklyReport } from "../../core/model/weekly-report.ts";
import { MEASURED } from "../../core/text/error-rate.ts";
import { formatShare } from "../../core/text/format.ts";
import { OUTCOME_MEANS, TERMS, VERDICT_MEANS } from "../../core/text/glossary.ts";
import { falseAlarmText, VERDICT_WORD } from "../../core/text/weekly.ts";
import { pathOf, type WebStatus } from "../data.ts";
import { Page } from "../layout.tsx";
import { Card } from "../parts.tsx";

export interface HelpProps {
  readonly status: WebStatus;
  /** Of this week, for what the own shams say; null: none could be made. */
  readonly report: WeeklyReport | null;
}

/** The words of the pages, and how often a verdict is wrong. */
export const HelpPage: FC<HelpProps> = ({ status, report }) => (
  <Page title="Help" status={status} here="">
    <div class="stack">
      <div>
        <h1>Words, and how far to trust them</h1>
        <p class="lead">An outcome is for people: it sums up the verdicts on every signal of every service.</p>
      </div>
      <Card title="How often a verdict is wrong">
        <div id="wrong">
          <table>
            <thead>
              <tr>
                <th>Measured in generated worlds</th>
                <th class="num">Rate (95 % interval)</th>
              </tr>
            </thead>
            <tbody>
              {MEASURED.map(({ what, rate }) => (
                <tr>
                  <td>{what}</td>
                  <td class="num">{rate}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p class="sub">docs/error-rates.md has every row, and the commands that measure them again.</p>
          {report === null ? null : <OwnShams report={report} />}
        </div>
      </Card>
      <Words title="Outcomes" words={OUTCOME_MEANS} />
      <Words title="Verdicts" words={verdictWords()} />
      <Words title="Terms" words={TERMS} />
    </div>
  </Page>
);

const OwnShams: FC<{ report: WeeklyReport }> = ({ report: { audit, week } }) => (
  <p>
    Your own system counts more: {falseAlarmText(audit.shams)} in 90 days, promised at most{" "}
    {formatShare(audit.promised)}. <a href={pathOf.report(week.id)}>The weekly report</a> has both.
  </p>
);

const verdictWords = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(VERDICT_MEANS).map(([kind, means]) => [VERDICT_WORD[kind as keyof typeof VERDICT_WORD], means]),
  );

const Words: FC<{ title: string; words: Readonly<Record<string, string>> }> = ({ title, words }) => (
  <Card title={title}>
    <dl class="facts">
      {Object.entries(words).map(([word, means]) => (
        <>
          <dt id={word.replaceAll(/[^a-z]+/g, "-")}>{word}</dt>
          <dd>{means}</dd>
        </>
      ))}
    </dl>
  </Card>
);
