import { knownFindings } from "../../app/diagnose/diagnose.ts";
import { bookOf } from "../../app/records/experiment-reader.ts";
import { handlingOf, isDecision } from "../../core/diagnose/handling.ts";
import { EVIDENCE_REACH_MS, suspectsOf } from "../../core/experiment/suspects.ts";
import type { Handling } from "../../core/model/finding.ts";
import type { FindingEvent } from "../../core/model/journal.ts";
import type { Suspect } from "../../core/model/suspect.ts";
import { confidenceOf } from "../../core/report/weekly/suspects.ts";
import { capitalised } from "../../core/text/format.ts";
import { handlingTexts } from "../../core/text/handling.ts";
import { confidenceOfSuspect, confidenceText, suspectText } from "../../core/text/weekly.ts";
import { wrap } from "../../core/text/wrap.ts";
import { EXIT, type Io, widthOf } from "../io.ts";
import { type ConfiguredOptions, clockOf, openJournal } from "../setup/configured.ts";
import type { DecisionOptions } from "./decide.ts";

type Options = ConfiguredOptions & DecisionOptions & { readonly args: readonly string[] };

/**
 * Every weakness that was ever found, with its newest status; and what got worse when, suspected or
 * confirmed. With an action it writes down what somebody decides about one of them.
 */
export async function findings(options: Options, io: Io): Promise<number> {
  const [action, id = ""] = options.args;
  if (action === undefined) return list(options, io);
  // a list needs no cluster: it is told who decides
  const { decideOn } = await import("./decide.ts");
  return decideOn(action, id, options, io);
}

async function list(options: Options, io: Io): Promise<number> {
  await using opened = await openJournal(options, io);
  const { journal, config } = opened;
  const { timezone } = config.report;
  const nowMs = clockOf(config, io).nowMs();
  const book = bookOf(journal);
  const suspects = suspectsOf(await book.between(nowMs - EVIDENCE_REACH_MS, nowMs));
  const known = [...(await knownFindings({ journal }))].map(([fingerprint, events]) =>
    lineOf(fingerprint, events, suspects, nowMs),
  );
  if (options.json) {
    io.out(`${JSON.stringify({ findings: known, suspects }, null, 2)}\n`);
    return EXIT.ok;
  }
  const width = widthOf(io);
  const say = (text: string, indent = ""): void => io.out(`${wrap(text, width, indent, indent).join("\n")}\n`);
  if (known.length === 0) say("Nothing was found yet.");
  for (const one of known) {
    say(`${one.title} (${one.status}).`);
    for (const sentence of sentencesOf(one, timezone)) say(sentence, "  ");
    io.out("\n");
  }
  if (suspects.length > 0) say("What got worse, in the last 90 days:");
  for (const one of suspects) {
    say(`${suspectText(one)}.`);
    say(`${capitalised(confidenceOfSuspect(one))}.`, "  ");
  }
  return EXIT.ok;
}

type Line = ReturnType<typeof lineOf>;

function lineOf(fingerprint: string, events: readonly FindingEvent[], suspects: readonly Suspect[], nowMs: number) {
  const seen = events.filter((event) => !isDecision(event));
  const last = seen.at(-1);
  const { weakness = "", workload = "", status = "new", experimentId = "" } = last ?? {};
  const title = events.findLast((event) => event.title !== undefined)?.title;
  return {
    fingerprint,
    title: title ?? `${weakness.replaceAll("-", " ")} in ${workload}`,
    weakness,
    workload,
    status,
    times: seen.filter((event) => event.kind === "seen").length,
    lastExperiment: experimentId,
    confidence: confidenceOf(
      seen.map((event) => event.experimentId),
      null,
      suspects,
    ),
    handling: handlingOf(events, nowMs) satisfies Handling | null,
  };
}

function sentencesOf(
  { workload, times, lastExperiment, confidence, status, handling, fingerprint }: Line,
  timezone: string,
): string[] {
  const [kind = "", ...name] = workload.split("/");
  return [
    `In ${kind} ${name.join("/")}. Seen ${times === 1 ? "once" : `${times} times`}, last looked at in ${lastExperiment}.`,
    ...(confidence === null || status === "fixed" ? [] : [`${capitalised(confidenceText(confidence))}.`]),
    ...(handling === null ? [] : handlingTexts(handling, timezone).map((text) => `${capitalised(text)}.`)),
    `Id: ${fingerprint}`,
  ];
}
