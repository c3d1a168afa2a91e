import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { weeklyReport } from "../../src/core/report/weekly.ts";
import { renderReportPage } from "../../src/views/report-page.tsx";
import { describeWith, findProgram } from "../support/requires.ts";
import { experiment, TRANSIENT, WEEK, WEEK_INPUT } from "../support/week.ts";

/** A4 pages of a file of HTML as Chromium prints it. */
function printedPages(html: string): number {
  const folder = mkdtempSync(join(tmpdir(), "aftershock-print-"));
  try {
    const [page, pdf] = [join(folder, "report.html"), join(folder, "report.pdf")];
    writeFileSync(page, html);
    const how = ["--headless", "--no-sandbox", `--user-data-dir=${folder}`, "--no-pdf-header-footer"];
    execFileSync(findProgram("chromium") ?? "chromium", [...how, `--print-to-pdf=${pdf}`, `file://${page}`], {
      stdio: "ignore",
    });
    return readFileSync(pdf, "latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

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
