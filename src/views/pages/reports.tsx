import type { FC } from "hono/jsx";
import { pathOf, type WebStatus } from "../data.ts";
import { Page } from "../layout.tsx";
import { Card, Empty } from "../parts.tsx";

export const ReportsPage: FC<{ status: WebStatus; weeks: readonly string[] }> = ({ status, weeks }) => (
  <Page title="Reports" status={status} here="/reports">
    <div class="stack">
      <div>
        <h1>Weekly reports</h1>
        <p class="lead">Each week from its journal, as often as it is asked for. The current one is a report so far.</p>
      </div>
      <Card>
        {weeks.length === 0 ? (
          <Empty>None yet.</Empty>
        ) : (
          <ul class="rows">
            {weeks.map((week, i) => (
              <li>
                <a href={pathOf.report(week)}>{week}</a>
                {i === 0 ? <span class="sub"> so far</span> : null}
              </li>
            ))}
          </ul>
        )}
      </Card>
    </div>
  </Page>
);
