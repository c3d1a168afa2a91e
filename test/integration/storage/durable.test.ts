import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { embeddedFolder } from "../../support/embedded.ts";
import { describeWith } from "../../support/requires.ts";
import { runProcess } from "../../support/storage.ts";

/**
 * One line of `strace -f -y`: a call that has ended. A call that another thread interrupted is two
 * lines.
 */
const LOG_WRITTEN = /pwrite64\(\d+<[^>]*aftershock\.db-wal>/;
const LOG_SYNCED = /f(?:data)?sync\(\d+<[^>]*aftershock\.db-wal>/;
const ACKNOWLEDGED = /write\(1<[^>]*>, "\d+\\n"/;

/**
 * Acknowledgements in `trace`, and those of them before which the log was written and not synced,
 * or not written at all.
 */
function acknowledgements(trace: string): { readonly all: number; readonly early: number } {
  const syncing = new Map<string, boolean>();
  let state: "nothing" | "written" | "synced" = "nothing";
  let all = 0;
  let early = 0;
  for (const line of trace.split("\n")) {
    const thread = line.split(/\s/, 1)[0] ?? "";
    if (LOG_WRITTEN.test(line)) state = "written";
    const begun = LOG_SYNCED.test(line);
    if (begun) syncing.set(thread, true);
    const ended = /= 0$/.test(line) && (begun || /<\.\.\. f(?:data)?sync resumed>/.test(line));
    if (ended && syncing.delete(thread) && state === "written") state = "synced";
    if (!ACKNOWLEDGED.test(line)) continue;
    all += 1;
    if (state !== "synced") early += 1;
    state = "nothing";
  }
  return { all, early };
}

describeWith("strace", "the embedded store", () => {
  test("syncs the log to the disk before it acknowledges each append", async () => {
    const folder = await embeddedFolder();
    const trace = join(folder, "trace");
    const calls = "trace=pwrite64,fsync,fdatasync,write";
    const traced = runProcess("append some", `embedded:${join(folder, "data")}`, "prod", [
      ...["strace", "-f", "-y", "-e", calls, "-o", trace],
    ]);
    expect(await traced.ended).toBe(0);
    expect(acknowledgements(await readFile(trace, "utf8"))).toEqual({ all: 50, early: 0 });
    await rm(folder, { recursive: true, force: true });
  }, 60_000);
});
