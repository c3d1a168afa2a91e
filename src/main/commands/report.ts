import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { reportOf } from "../../app/notify/send-report.ts";
import { weekAt, weekNamed } from "../../core/report/week.ts";
import { renderText } from "../../core/report/weekly.ts";
import { EXIT, type Io } from "../io.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import { wire } from "../wire.ts";

/** The resilience report of one week: text, JSON or an HTML page. */
export async function report(
  options: ConfiguredOptions & { readonly week?: string; readonly html?: string },
  io: Io,
): Promise<number> {
  await using wired = await wire(options, io);
  const { timezone } = wired.deps.settings();
  const week =
    options.week === undefined ? weekAt(wired.deps.clock.nowMs(), timezone) : weekNamed(options.week, timezone);
  const made = await reportOf(wired.deps, week, io.signal);
  if (options.html !== undefined) {
    const { renderReportPage } = await import("../../views/report-page.tsx");
    await writeFile(resolve(io.cwd, options.html), await renderReportPage(made));
  }
  io.out(options.json ? `${JSON.stringify(made, null, 2)}\n` : `${renderText(made)}\n`);
  return EXIT.ok;
}
