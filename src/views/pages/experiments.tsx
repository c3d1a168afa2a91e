import type { FC } from "hono/jsx";
import { OUTCOMES_WORST_FIRST } from "../../core/model/outcome.ts";
import { counted, formatCount } from "../../core/text/format.ts";
import type { WebStatus } from "../data.ts";
import { ExperimentTable } from "../experiment-table.tsx";
import { Page } from "../layout.tsx";
import type { ExperimentFilter } from "../lists/filter.ts";
import { type ListedExperiment, NOT_DONE } from "../lists/listed.ts";
import { type PageOf, queryOf } from "../lists/paging.ts";
import { Pager } from "../pager.tsx";
import { Card } from "../parts.tsx";

export interface ExperimentsProps {
  readonly status: WebStatus;
  readonly filter: ExperimentFilter;
  /** What is wrong with it, or null. */
  readonly problem: string | null;
  readonly shown: PageOf<ListedExperiment>;
  readonly folded: number;
  /** What can be chosen from. */
  readonly known: { readonly [K in "policy" | "fault" | "service"]: readonly string[] };
}

/** Endings that are no outcome, as far as one would look for them. */
const OTHER_ENDINGS = ["false alarm", "sham: no effect", ...NOT_DONE, "cancelled"];

export const ExperimentsPage: FC<ExperimentsProps> = ({ status, filter, problem, shown, folded, known }) => (
  <Page title="Experiments" status={status} here="/experiments">
    <div class="stack">
      <h1>Experiments</h1>
      <Card>
        <form class="filter" method="get" action="/experiments">
          <Choose name="outcome" label="Outcome" all={[...OUTCOMES_WORST_FIRST, ...OTHER_ENDINGS]} filter={filter} />
          <Choose name="kind" label="Kind" all={["fault", "sham", "natural"]} filter={filter} />
          <Choose name="fault" label="Fault" all={known.fault} filter={filter} />
          <Choose name="policy" label="Policy" all={known.policy} filter={filter} />
          <label>
            Service
            <input name="service" value={filter.service ?? ""} list="services" placeholder="namespace/name" />
          </label>
          <datalist id="services">
            {known.service.map((service) => (
              <option value={service} />
            ))}
          </datalist>
          <label>
            From
            <input name="from" type="date" value={filter.from ?? ""} />
          </label>
          <label>
            To
            <input name="to" type="date" value={filter.to ?? ""} />
          </label>
          <label>
            Text
            <input name="q" type="search" value={filter.q ?? ""} maxlength={200} />
          </label>
          <label class="check">
            <input
              name="refused"
              type="checkbox"
              value="show"
              {...(filter.refused === "show" ? { checked: true } : {})}
            />
            Refused and missed, too
          </label>
          <div class="line">
            <button type="submit">Show</button>
            <a href="/experiments">Show all</a>
          </div>
        </form>
      </Card>
      <Card title={counted(shown.total, "experiment")} {...(folded === 0 ? {} : { note: "newest first" })}>
        {problem === null ? null : (
          <p role="alert">
            <b>Nothing was looked for</b> {problem}
          </p>
        )}
        <ExperimentTable lines={shown.items} timezone={status.timezone} none="None that fits." />
        {folded === 0 ? null : (
          <p class="sub folded">
            {formatCount(folded)} refused, missed or not injected {folded === 1 ? "is" : "are"} left out.{" "}
            <a href={`/experiments${queryOf({ ...filter, refused: "show" })}`}>
              Show {folded === 1 ? "it" : "them"}, too
            </a>
          </p>
        )}
        <Pager page={shown} address={(page) => `/experiments${queryOf({ ...filter, page })}`} />
      </Card>
    </div>
  </Page>
);

interface ChooseProps {
  readonly name: "outcome" | "kind" | "fault" | "policy";
  readonly label: string;
  readonly all: readonly string[];
  readonly filter: ExperimentFilter;
}

const Choose: FC<ChooseProps> = ({ name, label, all, filter }) => {
  const chosen = filter[name];
  const unlisted = chosen === undefined || all.includes(chosen) ? [] : [chosen];
  return (
    <label>
      {label}
      <select name={name}>
        <option value="">any</option>
        {[...all, ...unlisted].map((one) => (
          <option value={one} {...(one === chosen ? { selected: true } : {})}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
};
