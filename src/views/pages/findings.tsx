import type { FC } from "hono/jsx";
import type { FindingLine } from "../../core/model/weekly-report.ts";
import { FINDING_ORDER } from "../../core/report/weekly/findings.ts";
import { counted } from "../../core/text/format.ts";
import { findingHeadline, ownerAndConfidence, shortTime } from "../../core/text/weekly.ts";
import { pathOf, type WebStatus } from "../data.ts";
import { Page } from "../layout.tsx";
import { Card, Empty, FindingBlock, HandledBy, StatusTag } from "../parts.tsx";

/** Every weakness that is known: those that stand, then those that were fixed. */
export const FindingsPage: FC<{ status: WebStatus; findings: readonly FindingLine[] }> = ({ status, findings }) => {
  const inOrder = [...findings].sort((a, b) => FINDING_ORDER.indexOf(a.status) - FINDING_ORDER.indexOf(b.status));
  return (
    <Page title="Findings" status={status} here="/findings">
      <div class="stack">
        <div>
          <h1>Findings</h1>
          <p class="lead">
            Weaknesses in the design of workloads, diagnosed from what happened when something they depend on was lost.
            One that is provoked again and does not show counts as fixed.
          </p>
        </div>
        {inOrder.length === 0 ? (
          <Card>
            <Empty>None yet.</Empty>
          </Card>
        ) : (
          <>
            <h2>{counted(inOrder.length, "weakness")}</h2>
            {inOrder.map((line) => (
              <OneFinding line={line} timezone={status.timezone} />
            ))}
          </>
        )}
      </div>
    </Page>
  );
};

const OneFinding: FC<{ line: FindingLine; timezone: string }> = ({ line, timezone }) => (
  <Card>
    {line.finding === null ? (
      <article class="finding" id={line.fingerprint}>
        <h3>
          {findingHeadline(line)} <StatusTag status={line.status} />
        </h3>
      </article>
    ) : (
      <FindingBlock finding={line.finding} status={line.status} />
    )}
    <HandledBy line={line} timezone={timezone} />
    <p class="sub">
      {ownerAndConfidence(line)}. First seen {shortTime(line.firstSeenMs, timezone)}, seen{" "}
      {line.seen === 1 ? "once" : `${line.seen} times`},{" "}
      <a href={pathOf.experiment(line.experimentId)}>last experiment</a>
    </p>
  </Card>
);
