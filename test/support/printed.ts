import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "./requires.ts";

/** A4 pages of a file of HTML as Chromium prints it. */
export function printedPages(html: string): number {
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
