import { KNOWN_AFTER_MS } from "../input/constants.ts";
import type { Nulls } from "../input/nulls.ts";
import type { Question } from "../input/question.ts";
import { ownWindow } from "../input/records.ts";
import { shapeOf } from "../input/shape.ts";
import type { buildNulls } from "./null-book.ts";

/** Makes the nulls of a history; one that keeps them for the next time does as well. */
export type NullsOf = typeof buildNulls;

/**
 * Nulls that were prepared, or made here from the history; null while no signal has a day of it.
 */
export function nullsFor({ input, recent, windows }: Question, nullsOf: NullsOf): Nulls | null {
  if (recent === null) return null;
  if (input.nulls !== undefined && input.nulls !== null) return input.nulls;
  if (recent.grid.steps * recent.grid.stepMs < KNOWN_AFTER_MS) return null;
  return nullsOf(recent, shapeOf(windows), [...input.excluded, ownWindow(input.observation)]);
}
