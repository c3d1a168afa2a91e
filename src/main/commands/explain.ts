import { evolve, NEW_EXPERIMENT } from "../../core/experiment/life.ts";
import { workloadName } from "../../core/model/cluster.ts";
import { AftershockError } from "../../core/model/error.ts";
import type { ExperimentEvent } from "../../core/model/experiment.ts";
import { experimentStream } from "../../core/model/journal.ts";
import { EXIT, type Io } from "../io.ts";
import { progressLines } from "../progress.ts";
import { experimentResult } from "../results.ts";
import { type ConfiguredOptions, openJournal } from "../wire.ts";

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

  let state = NEW_EXPERIMENT;
  const lines: string[] = [];
  for (const entry of entries) {
    const event = entry.event as ExperimentEvent;
    state = evolve(state, event);
    const at = new Date(entry.atMs).toISOString();
    lines.push(...[...detail(event), ...progressLines(event, state)].map((line) => `${at}  ${line}`));
  }
  if (options.json) io.out(`${JSON.stringify({ experiment: experimentResult(state), entries }, null, 2)}\n`);
  else {
    io.out(`${id}: ${state.phase}\n${lines.join("\n")}\n`);
    for (const note of state.judgement?.notes ?? []) io.out(`note: ${note}\n`);
    for (const finding of state.findings) {
      io.out(`\n${finding.title}\n  ${finding.explanation}\n${finding.evidence.map((one) => `  - ${one}\n`).join("")}`);
      if (finding.advice.now !== null) io.out(`  now: ${finding.advice.now}\n`);
      for (const fix of finding.advice.fix) io.out(`  fix: ${fix}\n`);
    }
  }
  return EXIT.ok;
}

/** What only `explain` tells. */
function detail(event: ExperimentEvent): string[] {
  switch (event.kind) {
    case "planned": {
      const { plan } = event;
      return [
        `planned by policy ${plan.policy} for ${new Date(plan.slotMs).toISOString()}${plan.sham ? ", a sham" : ""}${plan.manual ? ", by hand" : ""}; seed ${plan.seed}, drawn from ${plan.candidates.count} minutes`,
      ];
    }
    case "chosen":
      return [
        `drawn: ${event.choice.drawn}; ${event.choice.ineligible} workloads were not eligible (${workloadName(event.choice.target.workload)} was)`,
      ];
    case "intended":
      return ["intent written, then the one call is made"];
    case "notified":
      return event.news.length === 0 ? ["nothing to tell: no news"] : event.news.map((key) => `told: ${key}`);
    default:
      return [];
  }
}
