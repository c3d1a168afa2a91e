import { expect, test } from "vitest";
import { weeklyReport } from "../../src/core/report/weekly.ts";
import { renderReportPage } from "../../src/views/report-page.tsx";
import { printedPages } from "../support/printed.ts";
import { describeWith } from "../support/requires.ts";
import { experiment, TRANSIENT, WEEK, WEEK_INPUT } from "../support/week.ts";

describeWith("chromium", "the printed weekly report", () => {
  test.each([
    { name: "a usual week", workloads: 0 },
    { name: "a week on 200 workloads", workloads: 200 },
  ])("$name is one A4 page", { timeout: 120_000 }, async ({ workloads }) => {
    const more = Array.from({ length: workloads }, (_, i) =>
      experiment({ slotMs: WEEK.fromMs + i * 60_000, on: `service-${i}`, judged: TRANSIENT }),
    );
    const report = weeklyReport({ ...WEEK_INPUT, experiments: [...WEEK_INPUT.experiments, ...more] });
    expect(printedPages(await renderReportPage(report))).toBe(1);
  });
});
