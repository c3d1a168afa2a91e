import { KNOWN_AFTER_MS } from "../input/constants.ts";
import type { Nulls } from "../input/nulls.ts";
import type { Question } from "../input/question.ts";
import { ownWindow } from "../input/records.ts";
import { shapeOf } from "../input/shape.ts";
import type { buildNulls } from "./null-book.ts";

/** Makes null distributions (scores when nothing happened) of a history, or has kept them. */
export type NullsOf = typeof buildNulls;

/**
 * The null distributions to compare with: prepared ones, else made here from the history. Null with
 * less than a day of history.
 */
export function nullsFor({ input, recent, windows }: Question, nullsOf: NullsOf): Nulls | null {
  if (recent === null) return null;
  if (input.nulls !== undefined && input.nulls !== null) return input.nulls;
  if (recent.grid.steps * recent.grid.stepMs < KNOWN_AFTER_MS) return null;
  return nullsOf(recent, shapeOf(windows), [...input.excluded, ownWindow(input.observation)]);
}
