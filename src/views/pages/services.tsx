import type { FC } from "hono/jsx";
import { OUTCOMES_WORST_FIRST } from "../../core/model/outcome.ts";
import { counted } from "../../core/text/format.ts";
import { risksText } from "../../core/text/risk.ts";
import { pathOf, type WebStatus } from "../data.ts";
import { Page } from "../layout.tsx";
import { type PageOf, queryOf } from "../lists/paging.ts";
import type { ListedService } from "../lists/services.ts";
import { Pager } from "../pager.tsx";
import { Card, COVERAGE_WORD, Empty, Moment, OutcomePill } from "../parts.tsx";

export interface ServicesProps {
  readonly status: WebStatus;
  readonly shown: PageOf<ListedService>;
  /** Part of a name that services are narrowed by. */
  readonly q: string;
}

export const ServicesPage: FC<ServicesProps> = ({ status, shown, q }) => (
  <Page title="Services" status={status} here="/services">
    <div class="stack">
      <div>
        <h1>Services</h1>
        <p class="lead">
          Every service that an experiment or a natural failure said something of, and every workload that a policy
          looks at. Open findings come first.
        </p>
      </div>
      <Card title={counted(shown.total, "service")}>
        <form class="filter" method="get" action="/services">
          <label>
            Name
            <input name="q" type="search" value={q} maxlength={200} />
          </label>
          <button type="submit">Show</button>
        </form>
        {shown.items.length === 0 ? (
          <Empty>None that fits.</Empty>
        ) : (
          <ServiceTable services={shown.items} status={status} />
        )}
        <Pager page={shown} address={(page) => `/services${queryOf({ q, page })}`} />
      </Card>
    </div>
  </Page>
);

const ServiceTable: FC<{ services: readonly ListedService[]; status: WebStatus }> = ({ services, status }) => (
  <table class="fold">
    <thead>
      <tr>
        <th>Service</th>
        <th>Last outcome</th>
        <th>All outcomes</th>
        <th>Coverage</th>
        <th>Open findings</th>
        <th>Risks</th>
      </tr>
    </thead>
    <tbody>
      {services.map((one) => (
        <tr>
          <td>
            <a href={pathOf.service(one.service)}>{one.service}</a>
          </td>
          <td>
            {one.last === null ? (
              <span class="sub">never judged</span>
            ) : (
              <span class="line">
                <OutcomePill outcome={one.last.outcome} />
                <a href={pathOf.experiment(one.last.id)}>
                  <Moment atMs={one.last.atMs} timezone={status.timezone} />
                </a>
              </span>
            )}
          </td>
          <td>{outcomesText(one)}</td>
          <td>
            <Coverage of={one} timezone={status.timezone} />
          </td>
          <td>{one.findings.join("; ")}</td>
          <td>
            {one.risks.length === 0 ? null : (
              <a href={`/risks${queryOf({ q: one.service })}`}>{risksText(one.risks)}</a>
            )}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

/** `2 not recovered, 5 unaffected`. */
const outcomesText = ({ outcomes }: ListedService): string =>
  OUTCOMES_WORST_FIRST.flatMap((one) => (outcomes[one] === 0 ? [] : `${outcomes[one]} ${one}`)).join(", ");

const Coverage: FC<{ of: ListedService; timezone: string }> = ({ of, timezone }) => (
  <>
    {of.coverage === null ? null : COVERAGE_WORD[of.coverage]}
    {of.lastHitMs === null ? null : (
      <div class="sub">
        last hit <Moment atMs={of.lastHitMs} timezone={timezone} />
      </div>
    )}
    {of.why.length === 0 ? null : <div class="sub">{of.why[0]}</div>}
  </>
);
