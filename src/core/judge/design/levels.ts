import type { MinuteScores, TestKey } from "../../model/minutes.ts";

/** Steps of a level, in spreads of the service's own history. */
const LEVELS_PER_SPREAD = 4;
/**
 * Below this many spreads everything is as good, above as bad: one natural incident must not
 * outweigh what several experiments show.
 */
const LOWEST = -2;
const HIGHEST = 20;

/** A studentised score as a whole level, 0 … 88. */
const levelOf = (v: number): number =>
  Math.round((Math.min(Math.max(v, LOWEST), HIGHEST) - LOWEST) * LEVELS_PER_SPREAD);

/**
 * Scores at the minutes of a draw as levels; null when the drawn one is not known. A level is a
 * function of the score alone, so what is exactly valid for scores is for levels. NaN is no minute.
 */
export function minuteScores(
  test: TestKey | null,
  { scores, drawn }: { readonly scores: Float64Array; readonly drawn: number },
): MinuteScores | null {
  const own = scores[drawn] ?? Number.NaN;
  if (Number.isNaN(own)) return null;
  const levels = Array.from(
    scores.filter((score) => !Number.isNaN(score)),
    levelOf,
  );
  const counts = new Array<number>(Math.max(...levels) + 1).fill(0);
  for (const level of levels) counts[level]! += 1;
  return { test, counts, drawn: levelOf(own) };
}
