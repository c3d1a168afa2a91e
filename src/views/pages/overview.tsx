import type { FC } from "hono/jsx";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { outcomeOfVerdict } from "../../core/model/outcome.ts";
import type { FindingLine, WeeklyReport } from "../../core/model/weekly-report.ts";
import { counted, formatDuration, formatShare } from "../../core/text/format.ts";
import { FEWEST_FOR_MEDIAN, findingHeadline, recoveryText, shortTime, unknownText } from "../../core/text/weekly.ts";
import { type KnownRisks, type NextSlot, pathOf, type WebStatus } from "../data.ts";
import { ExperimentTable } from "../experiment-table.tsx";
import { inOneLine, momentOf, whatTheExperimentDid } from "../experiment-words.ts";
import { Page } from "../layout.tsx";
import { type ListedExperiment, wasDone } from "../lists/listed.ts";
import { Card, Command, Empty, Moment, OutcomePill, StatusTag, Term } from "../parts.tsx";
import { RiskSummary } from "../risk-block.tsx";
import { ShareBar } from "../share-bar.tsx";
import { Changes } from "./overview-changes.tsx";

export interface OverviewProps {
  readonly status: WebStatus;
  /** Every experiment, newest first. */
  readonly lines: readonly ListedExperiment[];
  /** Those whose damage is still there. */
  readonly open: readonly ExperimentState[];
  readonly findings: readonly FindingLine[];
  readonly known: KnownRisks;
  readonly slots: readonly NextSlot[];
  readonly report: WeeklyReport | null;
}

/** Experiments that the page lists. */
const LISTED = 12;

export const OverviewPage: FC<OverviewProps> = ({ status, lines, open, findings, known, slots, report }) => {
  const standing = findings.filter((finding) => finding.status !== "fixed");
  const { timezone } = status;
  return (
    <Page title="Overview" status={status} here="/">
      <div class="stack">
        <h1>What is open now</h1>
        <OpenDamage states={open} judged={lines.some(({ effects }) => effects.length > 0)} status={status} />
        <Changes lines={lines} report={report} timezone={timezone} nowMs={status.nowMs} />
        {report === null ? null : <Tiles report={report} standing={standing.length} />}
        <div class="cols">
          <Card title="Last experiments">
            <ExperimentTable lines={lines.filter(wasDone).slice(0, LISTED)} timezone={timezone} />
            <p class="sub folded">{notDoneText(lines)}</p>
          </Card>
          <div class="stack">
            <Card title="Open findings">
              <FindingList lines={standing} />
            </Card>
            <Card title="Risks" note="before any experiment">
              <RiskSummary known={known} />
            </Card>
            <Card title="Next slots">
              <SlotList slots={slots} status={status} />
            </Card>
            <Card title="Policies">
              <PolicyList status={status} />
            </Card>
          </div>
        </div>
      </div>
    </Page>
  );
};

/** What stands between the experiments that are listed, and the way to all of them. */
const notDoneText = (lines: readonly ListedExperiment[]) => {
  const last = lines.filter(wasDone)[LISTED - 1];
  const between = lines.filter((line) => !wasDone(line) && line.atMs >= (last?.atMs ?? 0)).length;
  return (
    <>
      {between === 0 ? null : `${counted(between, "slot")} since then refused or missed. `}
      <a href="/experiments">All experiments</a>
    </>
  );
};

const OpenDamage: FC<{ states: readonly ExperimentState[]; judged: boolean; status: WebStatus }> = ({
  states,
  judged,
  status,
}) =>
  states.length === 0 ? (
    <Card {...(judged ? { tone: "good" as const } : {})}>
      <p>
        {judged
          ? "Nothing: no service that got worse is still worse."
          : "Nothing is known: no experiment has been judged yet."}
      </p>
    </Card>
  ) : (
    states.map((state) => (
      <Card tone="bad">
        <p class="line">
          {state.judgement === null ? null : <OutcomePill outcome={outcomeOfVerdict(state.judgement.headline)} />}
          <a href={pathOf.experiment(state.plan?.id ?? "")}>
            <b>{whatTheExperimentDid(state)}</b>
          </a>
          <span class="sub">
            <Moment atMs={momentOf(state)} timezone={status.timezone} />,{" "}
            {formatDuration(status.nowMs - momentOf(state))} ago
          </span>
        </p>
        <p>{inOneLine(state)}</p>
        {state.findings
          .flatMap(({ advice }) => advice.now ?? [])
          .map((command) => (
            <Command text={command} open />
          ))}
      </Card>
    ))
  );

const Tiles: FC<{ report: WeeklyReport; standing: number }> = ({ report, standing }) => {
  const { score, coverage, recovery, audit, week } = report;
  const tested = score.unaffected + score.recovered + score.notRecovered;
  const all = Math.max(1, tested + score.unknown);
  return (
    <div class="tiles">
      <div class="tile">
        <div class="k">Unaffected by every fault, {week.id}</div>
        <div class="n">
          {score.unaffected} <small>of {tested} tested</small>
        </div>
        <div class="s">
          {score.share === null
            ? "nothing tested yet: unknown"
            : `95 % interval ${formatShare(score.share.low)} to ${formatShare(score.share.high)}`}
        </div>
      </div>
      <div class="tile">
        <div class="k">Tested this week</div>
        <div class="n">
          {coverage.hit} <small>of {coverage.eligible} eligible</small>
        </div>
        <ShareBar
          unaffected={score.unaffected / all}
          recovered={score.recovered / all}
          notRecovered={score.notRecovered / all}
        />
        <div class="s">{unknownText(score)}</div>
      </div>
      <div class="tile">
        <div class="k">{recovery.medianMs === null ? "Recovery" : "Median recovery"}</div>
        <div class="n">{recoveryFigure(recovery) ?? "–"}</div>
        <div class="s">{recoveryFigure(recovery) === null ? recoveryText(recovery) : recoveryCounts(recovery)}</div>
      </div>
      <div class="tile">
        <div class="k">
          False alarms in <Term word="sham" as="shams" />
        </div>
        <div class="n">
          {audit.shams.count} <small>of {audit.shams.of}</small>
        </div>
        <div class="s">{auditShort(report)}</div>
      </div>
      <div class="tile">
        <div class="k">Open findings</div>
        <div class="n">{standing}</div>
        <div class="s">
          <a href={pathOf.report(week.id)}>Report of this week</a>
        </div>
      </div>
    </div>
  );
};

const auditShort = ({ audit, week }: WeeklyReport): string => {
  if (audit.overdueSinceMs !== null)
    return `more often than promised since ${shortTime(audit.overdueSinceMs, week.timezone)}: doubt the verdicts`;
  if (audit.shams.share === null) return "no sham was judged yet: unknown";
  return `promised: at most ${formatShare(audit.promised)}`;
};

/** The median; of few recoveries, which have none, each; null where there is neither. */
function recoveryFigure({ medianMs, ended, censored, durationsMs }: WeeklyReport["recovery"]): string | null {
  if (medianMs !== null) return formatDuration(medianMs);
  return ended > 0 && ended + censored < FEWEST_FOR_MEDIAN ? durationsMs.map(formatDuration).join(", ") : null;
}

const recoveryCounts = ({ ended, censored }: WeeklyReport["recovery"]): string =>
  `${ended} recovered${censored === 0 ? "" : `, ${censored} not yet`}`;

const FindingList: FC<{ lines: readonly FindingLine[] }> = ({ lines }) =>
  lines.length === 0 ? (
    <Empty>None known.</Empty>
  ) : (
    <ul class="rows">
      {lines.slice(0, 8).map((line) => (
        <li>
          <a href={`/findings#${encodeURIComponent(line.fingerprint)}`}>{findingHeadline(line)}</a>{" "}
          <StatusTag status={line.status} />
        </li>
      ))}
    </ul>
  );

const SlotList: FC<{ slots: readonly NextSlot[]; status: WebStatus }> = ({ slots, status }) =>
  slots.length === 0 ? (
    <Empty>None planned.</Empty>
  ) : (
    <ul class="rows">
      {slots.map((slot) => (
        <li class="line">
          <Moment atMs={slot.atMs} timezone={status.timezone} />
          <span class="sub">
            {slot.policy}
            {slot.sham ? ", sham" : ""},{" "}
            {slot.atMs <= status.nowMs ? "now" : `in ${formatDuration(slot.atMs - status.nowMs)}`}
          </span>
        </li>
      ))}
    </ul>
  );

const PolicyList: FC<{ status: WebStatus }> = ({ status }) => (
  <ul class="rows">
    {status.policies.map(({ name, mode }) => (
      <li class="line">
        <span>{name}</span>
        <span class={`mode mode-${mode}`}>{mode}</span>
      </li>
    ))}
    {(status.notFollowed ?? []).map(({ policy, why }) => (
      <li>
        <span>{policy}</span> <b>not followed</b>
        <div class="sub">{why}</div>
      </li>
    ))}
  </ul>
);
