import type { FC } from "hono/jsx";
import { DAY_MS } from "../../core/model/units.ts";
import type { FindingLine, WeeklyReport } from "../../core/model/weekly-report.ts";
import { findingHeadline } from "../../core/text/weekly.ts";
import { pathOf } from "../data.ts";
import { changedOutcomes } from "../lists/changes.ts";
import type { ListedExperiment } from "../lists/listed.ts";
import { Card, Empty, Moment, ServiceLink, StatusTag } from "../parts.tsx";

/** What is older is no news. */
const NEWS_MS = 7 * DAY_MS;
/** Lines of each kind of news. */
const TOLD = 6;

export interface ChangesProps {
  readonly lines: readonly ListedExperiment[];
  /** Of the current week. */
  readonly report: WeeklyReport | null;
  readonly timezone: string;
  readonly nowMs: number;
}

/** What is not as it was: findings that came or went, outcomes that changed, damage that ended. */
export const Changes: FC<ChangesProps> = ({ lines, report, timezone, nowMs }) => {
  const sinceMs = nowMs - NEWS_MS;
  const findings = (report?.findings ?? []).filter(({ status }) => status !== "known").slice(0, TOLD);
  const outcomes = changedOutcomes(lines, sinceMs).slice(0, TOLD);
  const ended = lines.filter(({ recoveredMs }) => recoveredMs !== null && recoveredMs >= sinceMs).slice(0, TOLD);
  return (
    <Card title="What changed" note="in the last 7 days">
      {findings.length + outcomes.length + ended.length === 0 ? (
        <Empty>Nothing.</Empty>
      ) : (
        <ul class="rows">
          {findings.map((line) => (
            <li class="line">
              <StatusTag status={line.status} />
              <a href={addressOf(line)}>{findingHeadline(line)}</a>
            </li>
          ))}
          {outcomes.map(({ service, before, now, id, atMs }) => (
            <li class="line">
              <span class="tag">outcome</span>
              <ServiceLink service={service} />
              <span>
                {now}, before: {before}
              </span>
              <a href={pathOf.experiment(id)}>
                <Moment atMs={atMs} timezone={timezone} />
              </a>
            </li>
          ))}
          {ended.map(({ id, title, recoveredMs }) => (
            <li class="line">
              <span class="tag tag-fixed">recovered</span>
              <a href={pathOf.experiment(id)}>{title}</a>
              <span class="sub">
                damage ended <Moment atMs={recoveredMs ?? 0} timezone={timezone} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
};

const addressOf = ({ fingerprint }: FindingLine): string => `/findings#${encodeURIComponent(fingerprint)}`;
