import { knownFindings } from "../../app/diagnose/diagnose.ts";
import { bookOf } from "../../app/records/experiment-reader.ts";
import { EVIDENCE_REACH_MS, suspectsOf } from "../../core/experiment/suspects.ts";
import { confidenceOf } from "../../core/report/weekly/suspects.ts";
import { confidenceOfSuspect, confidenceText, suspectText } from "../../core/text/weekly.ts";
import { EXIT, type Io } from "../io.ts";
import { type ConfiguredOptions, clockOf, openJournal } from "../setup/configured.ts";

/**
 * Every weakness that was ever found, with its newest status; and what got worse when, suspected or
 * confirmed.
 */
export async function findings(options: ConfiguredOptions, io: Io): Promise<number> {
  await using opened = await openJournal(options, io);
  const { journal } = opened;
  const nowMs = clockOf(opened.config, io).nowMs();
  const book = bookOf(journal);
  const suspects = suspectsOf(await book.between(nowMs - EVIDENCE_REACH_MS, nowMs));
  const known = [...(await knownFindings({ journal }))].map(([fingerprint, events]) => ({
    fingerprint,
    weakness: events.at(-1)?.weakness ?? "",
    workload: events.at(-1)?.workload ?? "",
    status: events.at(-1)?.status ?? "new",
    times: events.filter((event) => event.kind === "seen").length,
    lastExperiment: events.at(-1)?.experimentId ?? "",
    confidence: confidenceOf(
      events.map((event) => event.experimentId),
      null,
      suspects,
    ),
  }));
  if (options.json) {
    io.out(`${JSON.stringify({ findings: known, suspects }, null, 2)}\n`);
    return EXIT.ok;
  }
  if (known.length === 0) io.out("Nothing was found yet.\n");
  for (const one of known) {
    io.out(
      `${one.status.padEnd(9)} ${one.weakness} in ${one.workload} (seen ${one.times} ×, last in ${one.lastExperiment})\n`,
    );
    if (one.confidence !== null && one.status !== "fixed") io.out(`          ${confidenceText(one.confidence)}\n`);
  }
  if (suspects.length > 0) io.out("\nWhat got worse, in the last 90 days:\n");
  for (const one of suspects) io.out(`${suspectText(one)}\n          ${confidenceOfSuspect(one)}\n`);
  return EXIT.ok;
}
