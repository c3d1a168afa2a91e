import { finalLookMs } from "../core/experiment/final-look.ts";
import { evolve, hasOpenDamage, NEW_EXPERIMENT } from "../core/experiment/life.ts";
import type { ServiceId } from "../core/model/cluster.ts";
import type { ExperimentEvent, ExperimentState } from "../core/model/experiment.ts";
import type { JournalEntry } from "../core/model/journal.ts";
import { falseAlarmOf } from "../core/model/outcome.ts";
import type { Judgement, Signal } from "../core/model/verdict.ts";
import { eventLines } from "../core/text/event.ts";
import { formatTime, joinNames } from "../core/text/format.ts";
import { worstEffectText } from "../core/text/outcome.ts";
import { whatTheExperimentDid } from "../core/text/subject.ts";

/** When an experiment happened, or was to happen. */
export const momentOf = (state: ExperimentState): number => state.t0Ms ?? state.plan?.slotMs ?? 0;

/** What a list says of an experiment in one line. */
export function inOneLine(state: ExperimentState): string {
  if (state.refusal !== null && state.judgement === null) return state.refusal.why;
  if (state.judgement === null) return "is being observed";
  const effect = worstEffectText(state);
  if (effect !== "") return effect;
  const gone = [...new Set(withdrawn(state.judgement).map(({ service }) => service))];
  if (gone.length > 0) return `${joinNames(gone)} got worse, but not because of it: withdrawn`;
  return state.judgement.headline === "inconclusive" ? "could not be judged" : "no service was affected";
}

/** A verdict that the final look took back, and why. */
export interface Withdrawn {
  readonly service: ServiceId;
  readonly signal: Signal;
  readonly detail: string;
}

export const withdrawn = ({ verdicts }: Judgement): readonly Withdrawn[] =>
  verdicts.flatMap(({ service, signal, verdict }) =>
    verdict.kind === "inconclusive" && verdict.why === "by-itself" ? [{ service, signal, detail: verdict.detail }] : [],
  );

/** When no service that has to do with the target got worse: that, or that nobody can know. */
export const nobodyWorse = ({ headline }: Judgement): string =>
  headline === "inconclusive"
    ? "No service that has to do with the target could be judged."
    : "No service that has to do with the target got worse.";

/**
 * What is said while there is no verdict: until when it is observed, when that is longer than
 * planned.
 */
export function observedText({ extension }: ExperimentState, timezone: string): string {
  if (extension === null || extension.over) return "It is being observed; there is no verdict yet.";
  return `It is observed for longer than planned, until about ${formatTime(extension.toMs, timezone).slice(0, 16)}: ${extension.why}. There is no verdict yet.`;
}

/** How long a provisional verdict stays one, and what may become of it. */
export const provisionalText = (state: ExperimentState, timezone: string): string =>
  `Provisional until about ${formatTime(finalLookMs(state), timezone).slice(0, 16)}: then it is compared with the minutes that could have been drawn and were not, and is withdrawn when it looked as bad at many of them.`;

/** Where it is, when there is no verdict (yet). */
export function stateWord(state: ExperimentState): string {
  if (state.phase === "not-injected") return "not injected";
  if (state.cancelled) return "cancelled";
  const alarm = falseAlarmOf(state);
  if (alarm !== null) return alarm ? "false alarm" : "sham: no effect";
  if (state.judgement !== null) return "sham: unknown";
  if (state.phase === "observing" || state.phase === "cleared") return "observing";
  return state.phase;
}

export const isOpen = hasOpenDamage;

/** The journal of an experiment for people: each event with its lines. */
export function journalLines(
  entries: readonly JournalEntry[],
  timezone: string,
): readonly { readonly atMs: number; readonly text: string }[] {
  let state = NEW_EXPERIMENT;
  return entries.map(({ atMs, event }) => {
    state = evolve(state, event as ExperimentEvent);
    return { atMs, text: eventLines(event as ExperimentEvent, state, timezone).join("; ") || event.kind };
  });
}

export { whatTheExperimentDid };
