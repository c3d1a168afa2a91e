import { comparisonOf } from "./engine/comparison.ts";
import type { Engine } from "./engine/engine.ts";
import { decisive, knownEngine } from "./history/known-engine.ts";
import { outlooksOf } from "./history/outlook.ts";
import { arena } from "./input/arena.ts";
import type { Nulls } from "./input/nulls.ts";
import type { Question } from "./input/question.ts";
import { commonSwings } from "./window/common-swings.ts";
import { ownEngine } from "./window/own-engine.ts";

/**
 * An engine for each signal of each service: its own history, where that can decide, else the
 * window's own steps.
 */
export function enginesOf(question: Question, nulls: Nulls | null): Engine[] {
  const { input, windows, grid, records, family, effectFor } = question;
  const common = commonSwings(question.tracks, windows.before);
  const outlook = outlooksOf(input.observation, records, windows, family);
  const context = nulls && { nulls, outlook, memory: arena() };
  return question.tracks.map((track) => {
    const comparison = comparisonOf(track, { windows, grid, effect: effectFor(track.service) });
    const own = () => ownEngine(comparison, question, common);
    if (context === null || comparison.form === "quantile") return own();
    const known = decisive(comparison, context.nulls);
    return known === null ? own() : knownEngine(comparison, known, context);
  });
}
