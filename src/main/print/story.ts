import { evolve, NEW_EXPERIMENT } from "../../core/experiment/life.ts";
import type { ExperimentEvent, ExperimentState } from "../../core/model/experiment.ts";
import type { JournalEntry } from "../../core/model/journal.ts";
import type { MinuteScores } from "../../core/model/minutes.ts";
import { eventLines } from "../../core/text/event.ts";
import { counted } from "../../core/text/format.ts";

/**
 * Everything that the journal knows of one experiment, a line each with its time, and the state
 * that it adds up to.
 */
export function storyOf(entries: readonly JournalEntry[]): {
  readonly state: ExperimentState;
  readonly lines: readonly string[];
} {
  let state = NEW_EXPERIMENT;
  const lines: string[] = [];
  for (const entry of entries) {
    const event = entry.event as ExperimentEvent;
    state = evolve(state, event);
    const at = new Date(entry.atMs).toISOString();
    lines.push(...[...detail(event), ...eventLines(event, state, "UTC")].map((line) => `${at}  ${line}`));
  }
  return { state, lines };
}

/** What only `explain` tells. */
function detail(event: ExperimentEvent): string[] {
  switch (event.kind) {
    case "chosen":
      return [
        `drawn: ${event.choice.drawn}; ${counted(event.choice.ineligible, "workload")} ${event.choice.ineligible === 1 ? "was" : "were"} not eligible`,
      ];
    case "judged":
      return [`judged from ${counted(event.judgement.sourceRequests, "request")} to the metrics source`];
    case "finalised":
      return (event.minutes ?? []).map(keptText);
    default:
      return [];
  }
}

/** What one experiment adds to what several of them show. */
function keptText({ test, counts, drawn }: MinuteScores): string {
  const among = counts.reduce((sum, count) => sum + count, 0);
  const asBad = counts.slice(drawn).reduce((sum, count) => sum + count, 0);
  const what = test === null ? "the worst of what has to do with the target" : `${test.service} (${test.signal})`;
  return `${what} looked as bad at ${asBad} of the ${among} minutes that could have been drawn, this one counted: kept, to be put together with other experiments`;
}
