import type { FC } from "hono/jsx";
import { degradedServices } from "../../core/model/degraded.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { outcomeOfVerdict } from "../../core/model/outcome.ts";
import type { SignalVerdict } from "../../core/model/verdict.ts";
import { experimentLinks } from "../../core/report/links.ts";
import { howOftenWrong } from "../../core/text/error-rate.ts";
import { counted, formatClock } from "../../core/text/format.ts";
import { effectText, outcomeText } from "../../core/text/outcome.ts";
import { VERDICT_WORD } from "../../core/text/weekly.ts";
import type { ServiceCharts } from "../charts/experiment.ts";
import { type ExperimentRecord, pathOf, type WebStatus } from "../data.ts";
import { Outcome } from "../experiment-table.tsx";
import {
  isOpen,
  journalLines,
  momentOf,
  nobodyWorse,
  observedText,
  provisionalText,
  whatTheExperimentDid,
  withdrawn,
} from "../experiment-words.ts";
import { Page } from "../layout.tsx";
import { BlastCard, type BlastDrawing } from "../map/blast-card.tsx";
import { Bullets, Card, Chart, Elsewhere, Empty, FindingBlock, Moment, OutcomePill, ServiceLink } from "../parts.tsx";
import { Timeline } from "../timeline.tsx";
import { ValueTable } from "../value-table.tsx";
import { SIGNAL_WORD, VerdictTable } from "../verdict-table.tsx";
import { FactsCard } from "./experiment-facts.tsx";

export interface ExperimentProps {
  readonly status: WebStatus;
  readonly record: ExperimentRecord;
  readonly charts: readonly ServiceCharts[];
  /** Null: nobody knows who called whom. */
  readonly blast: BlastDrawing | null;
}

export const ExperimentPage: FC<ExperimentProps> = ({ status, record, charts, blast }) => {
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
            <Elsewhere links={experimentLinks(status, state)} about="This time" />
          </p>
          <Repeated state={state} />
        </div>
        {state.refusal === null ? null : (
          <Card title={`Nothing was injected: ${state.refusal.gate}`}>
            <p>{state.refusal.why}</p>
          </Card>
        )}
        {state.t0Ms === null ? null : (
          <Card title="What happened" {...(isOpen(state) ? { tone: "bad" as const } : {})}>
            <Impact state={state} timezone={timezone} />
            <Timeline state={state} timezone={timezone} />
            <p class="legend">
              <span>
                <i class="l-early" />
                early window: a burst or a lasting change
              </span>
              <span>
                <i class="l-late" />
                {state.clearHow === "late"
                  ? "late window: what lasts though not all is back"
                  : "late window: what lasts when all is back"}
              </span>
            </p>
          </Card>
        )}
        {state.findings.length === 0 ? null : (
          <Card title="Findings">
            {state.findings.map((finding) => (
              <FindingBlock finding={finding} open={isOpen(state)} />
            ))}
          </Card>
        )}
        {blast === null ? null : <BlastCard state={state} blast={blast} />}
        {charts.length === 0 ? null : (
          <Card title="Service by service" note="minutes from the moment of the fault">
            {charts.map((one) => (
              <div class="svc">
                <h3>
                  <ServiceLink service={one.service} />{" "}
                  <Elsewhere
                    links={experimentLinks(status, state, one.service)}
                    about={`This time of ${one.service}`}
                  />
                </h3>
                <div class="charts">
                  {one.charts.map((drawing) => (
                    <Chart drawing={drawing} />
                  ))}
                </div>
                {one.days === null ? null : (
                  <p class="legend">
                    <span>
                      <i class="l-band" />
                      normal at this hour: nine of ten quiet steps of the last {counted(one.days, "day")}
                    </span>
                  </p>
                )}
                <ValueTable series={one.series} />
              </div>
            ))}
          </Card>
        )}
        {state.judgement === null ? null : <Verdicts state={state} timezone={timezone} />}
        <div class="cols">
          <Card title="Journal" note="append-only">
            <ul class="log">
              {journalLines(entries, timezone).map(({ atMs, text }) => (
                <li>
                  <time datetime={new Date(atMs).toISOString()}>{formatClock(atMs, timezone)}</time>
                  <span>{text}</span>
                </li>
              ))}
            </ul>
          </Card>
          <FactsCard record={record} />
        </div>
      </div>
    </Page>
  );
};

/** Why it was made again, with a link to the earlier one. */
const Repeated: FC<{ state: ExperimentState }> = ({ state: { choice } }) =>
  choice?.confirms === undefined ? null : (
    <p class="sub">
      Made again: {choice.confirms.why === "suspected" ? "it confirms or clears what" : "something else confounded"}{" "}
      <a href={pathOf.experiment(choice.confirms.of)}>{choice.confirms.of}</a>
      {choice.confirms.why === "suspected" ? " found" : ""}
    </p>
  );

/**
 * The worst signal of each service that got worse, and what the final look says or will say of
 * them.
 */
const Impact: FC<{ state: ExperimentState; timezone: string }> = ({ state, timezone }) => {
  if (state.judgement === null) return <Empty>{observedText(state, timezone)}</Empty>;
  const worst = degradedServices(state.judgement).concerned;
  const gone = withdrawn(state.judgement);
  const texts = [
    ...(worst.length + gone.length === 0 ? [nobodyWorse(state.judgement)] : []),
    ...gone.map(({ service, signal, detail }) => `Withdrawn: ${SIGNAL_WORD[signal]} of ${service}. ${detail}`),
    ...(state.provisional ? [provisionalText(state, timezone)] : []),
  ];
  return (
    <>
      {worst.length === 0 ? null : <WorstList state={state} worst={worst} />}
      {texts.map((text) => (
        <p>{text}</p>
      ))}
      <p class="sub trust">
        {howOftenWrong(state.judgement.headline, state.judgement.learning)}{" "}
        <a href="/help#wrong">How that was measured</a>
      </p>
    </>
  );
};

const WorstList: FC<{ state: ExperimentState; worst: readonly SignalVerdict[] }> = ({ state, worst }) => (
  <ul class="rows impact">
    {worst.map((verdict) => (
      <li class="line">
        <OutcomePill outcome={outcomeOfVerdict(verdict.verdict.kind)} />
        <b>
          <ServiceLink service={verdict.service} />
        </b>
        <span>{effectText(state, verdict)}</span>
      </li>
    ))}
  </ul>
);

/** One sentence for each kind of verdict of a table. */
const HowOftenWrong: FC<{ verdicts: readonly SignalVerdict[] }> = ({ verdicts }) => {
  const byKind = new Map(verdicts.map(({ verdict, learning }) => [verdict.kind, learning]));
  return (
    <ul class="bul sub">
      {[...byKind].map(([kind, learning]) => (
        <li>
          <b>{VERDICT_WORD[kind]}</b>: {howOftenWrong(kind, learning)} <a href="/help#wrong">How that was measured</a>
        </li>
      ))}
    </ul>
  );
};

/** The outcome in words, and what became of damage that was open. */
const endOf = (state: ExperimentState): string =>
  isOpen(state) ? `${outcomeText(state)} (still open)` : outcomeText(state);

const Verdicts: FC<{ state: ExperimentState; timezone: string }> = ({ state, timezone }) => {
  const { judgement, t0Ms } = state;
  if (judgement === null) return null;
  const bystanders = new Set(degradedServices(judgement).bystanders.map(({ service }) => service));
  const isConcerned = ({ service }: SignalVerdict): boolean => judgement.concerned?.includes(service) ?? true;
  const concerned = judgement.verdicts.filter(isConcerned);
  const others = judgement.verdicts.filter((verdict) => !isConcerned(verdict));
  const notes = [
    ...(judgement.learning ? ["Learning: less than a day of history, so verdicts rest on this window alone."] : []),
    ...(bystanders.size > 0
      ? [`Got worse at the same time, but has nothing to do with the target: ${[...bystanders].join(", ")}.`]
      : []),
    ...judgement.notes,
  ];
  return (
    <Card title="Verdicts" {...(judgement.origin === null ? {} : { note: `it began in ${judgement.origin}` })}>
      <VerdictTable verdicts={concerned} t0Ms={t0Ms} timezone={timezone} />
      <HowOftenWrong verdicts={judgement.verdicts} />
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
