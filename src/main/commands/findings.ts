import { knownFindings } from "../../app/diagnose.ts";
import { EXIT, type Io } from "../io.ts";
import { type ConfiguredOptions, openJournal } from "../wire.ts";

/** Every weakness that was ever found, with its newest status. */
export async function findings(options: ConfiguredOptions, io: Io): Promise<number> {
  await using opened = await openJournal(options, io);
  const known = [...(await knownFindings({ journal: opened.journal }))].map(([fingerprint, events]) => ({
    fingerprint,
    weakness: events.at(-1)?.weakness ?? "",
    workload: events.at(-1)?.workload ?? "",
    status: events.at(-1)?.status ?? "new",
    times: events.filter((event) => event.kind === "seen").length,
    lastExperiment: events.at(-1)?.experimentId ?? "",
  }));
  if (options.json) io.out(`${JSON.stringify({ findings: known }, null, 2)}\n`);
  else if (known.length === 0) io.out("Nothing was found yet.\n");
  else
    for (const one of known)
      io.out(
        `${one.status.padEnd(9)} ${one.weakness} in ${one.workload} (seen ${one.times} ×, last in ${one.lastExperiment})\n`,
      );
  return EXIT.ok;
}
