import type { FC } from "hono/jsx";
import type { SettledRisk } from "../../core/model/risk.ts";
import { capitalised } from "../../core/text/format.ts";
import { RISK_STATES, risksText } from "../../core/text/risk.ts";
import type { KnownRisks, WebStatus } from "../data.ts";
import { Page } from "../layout.tsx";
import { type PageOf, queryOf } from "../lists/paging.ts";
import { Pager } from "../pager.tsx";
import { Card, Empty } from "../parts.tsx";
import { RiskBlock } from "../risk-block.tsx";

export interface RisksProps {
  readonly status: WebStatus;
  readonly known: KnownRisks;
  readonly shown: PageOf<SettledRisk>;
  readonly asked: { readonly q: string; readonly state: string };
}

/** Weaknesses that can be seen before any experiment. */
export const RisksPage: FC<RisksProps> = ({ status, known, shown, asked }) => (
  <Page title="Risks" status={status} here="/risks">
    <div class="stack">
      <div>
        <h1>Risks</h1>
        <p class="lead">
          What manifests, budgets, probes, placement and the call graph show. Nothing has shown yet that it does harm:
          an experiment confirms a risk or refutes it. Targets with an untested risk are drawn more often.
        </p>
      </div>
      <Card title={capitalised(risksText(known.risks))}>
        <form class="filter" method="get" action="/risks">
          <label>
            Name
            <input name="q" type="search" value={asked.q} maxlength={200} />
          </label>
          <label>
            State
            <select name="state">
              <option value="">any</option>
              {RISK_STATES.map((state) => (
                <option value={state} {...(state === asked.state ? { selected: true } : {})}>
                  {state}
                </option>
              ))}
            </select>
          </label>
          <button type="submit">Show</button>
        </form>
      </Card>
      <Card>
        {known.unread === null ? null : (
          <p role="alert">
            <b>Risks are not known now</b> {known.unread}
          </p>
        )}
        {shown.items.length === 0 ? <Empty>None that fits.</Empty> : null}
        {shown.items.map((risk) => (
          <RiskBlock risk={risk} timezone={status.timezone} />
        ))}
        <Pager page={shown} address={(page) => `/risks${queryOf({ ...asked, page })}`} />
      </Card>
    </div>
  </Page>
);
