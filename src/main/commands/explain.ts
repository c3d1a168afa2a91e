import { AftershockError } from "../../core/model/error.ts";
import { experimentStream } from "../../core/model/journal.ts";
import { EXIT, type Io } from "../io.ts";
import { experimentResult } from "../print/results.ts";
import { storyOf } from "../print/story.ts";
import { type ConfiguredOptions, openJournal } from "../setup/configured.ts";

/** Everything that the journal knows of one experiment, in order. */
export async function explain(
  options: ConfiguredOptions & { readonly args: readonly string[] },
  io: Io,
): Promise<number> {
  const [id = ""] = options.args;
  await using opened = await openJournal(options, io);
  const entries = await opened.journal.read(experimentStream(id));
  if (entries.length === 0)
    throw new AftershockError("not-found", `there is no experiment ${id}`, {
      hint: "the dashboard and messages show the ids",
    });

  const { state, lines } = storyOf(entries);
  if (options.json) io.out(`${JSON.stringify({ experiment: experimentResult(state), entries }, null, 2)}\n`);
  else {
    // its verdict stands then; only what its minutes scored is still to be kept
    const phase = state.phase === "provisional" && !state.provisional ? "judged" : state.phase;
    io.out(`${id}: ${phase}\n${lines.join("\n")}\n`);
    for (const note of state.judgement?.notes ?? []) io.out(`note: ${note}\n`);
    for (const finding of state.findings) {
      io.out(`\n${finding.title}\n  ${finding.explanation}\n${finding.evidence.map((one) => `  - ${one}\n`).join("")}`);
      if (finding.advice.now !== null) io.out(`  now: ${finding.advice.now}\n`);
      for (const fix of finding.advice.fix) io.out(`  fix: ${fix}\n`);
    }
  }
  return EXIT.ok;
}
