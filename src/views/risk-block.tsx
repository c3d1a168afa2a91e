import type { FC } from "hono/jsx";
import type { SettledRisk } from "../core/model/risk.ts";
import { capitalised } from "../core/text/format.ts";
import { RISK_STATE_TEXT, RISK_WORD, risksText } from "../core/text/risk.ts";
import { type KnownRisks, pathOf } from "./data.ts";
import { Bullets, Empty, Moment } from "./parts.tsx";

/** A risk with what it rests on, what to change, and what experiments say of it. */
export const RiskBlock: FC<{ risk: SettledRisk; timezone: string }> = ({ risk, timezone }) => (
  <article class="finding" id={risk.fingerprint}>
    <h3>
      {risk.title} <RiskTag risk={risk} />
    </h3>
    <p>{risk.explanation}</p>
    <p class="sub">
      <a href={pathOf.workload(risk.workload)}>
        {risk.workload.namespace}/{risk.workload.name}
      </a>
      : {risk.evidence.join("; ")}
    </p>
    <p class="sub">
      {RISK_STATE_TEXT[risk.state]}
      {risk.test === null ? null : (
        <>
          {" "}
          (
          <a href={pathOf.experiment(risk.test.id)}>
            <Moment atMs={risk.test.atMs} timezone={timezone} />
          </a>
          )
        </>
      )}
      .
    </p>
    <details>
      <summary>What to change, and what tests it</summary>
      <Bullets texts={risk.fix} />
      <p class="sub">
        {risk.testedBy.join(", ")} on {risk.testedOn.join(", ")}
      </p>
    </details>
  </article>
);

export const RiskTag: FC<{ risk: Pick<SettledRisk, "state"> }> = ({ risk: { state } }) => (
  <span class={`tag tag-${state}`}>{RISK_WORD[state]}</span>
);

/** Risks that the overview names. */
const TOLD = 5;

/** How many there are, and the first of those that nothing has refuted. */
export const RiskSummary: FC<{ known: KnownRisks }> = ({ known: { risks, unread } }) => {
  if (unread !== null) return <Empty>Not known now: {unread}</Empty>;
  if (risks.length === 0) return <Empty>None known.</Empty>;
  const first = risks.filter(({ state }) => state === "untested" || state === "confirmed").slice(0, TOLD);
  return (
    <>
      <p>
        <a href="/risks">{capitalised(risksText(risks))}</a>
      </p>
      <ul class="rows">
        {first.map((risk) => (
          <li>
            {risk.title} <RiskTag risk={risk} />
          </li>
        ))}
      </ul>
    </>
  );
};
