import type { WeeklyReport } from "../core/model/weekly-report.ts";
import { weekChart } from "./charts/week.ts";
import { Document } from "./layout.tsx";
import { ReportBody } from "./pages/report.tsx";
import { htmlOf } from "./render.ts";

/** The report as one HTML page with everything inside: for a file, or a mail. */
export async function renderReportPage(report: WeeklyReport): Promise<string> {
  const chart = await weekChart(report);
  return htmlOf(
    <Document title={`Resilience report ${report.week.id}: ${report.cluster}`}>
      <main>
        <div class="wrap">
          <ReportBody report={report} chart={chart} linked={false} />
        </div>
      </main>
    </Document>,
  );
}
