/** Where a smallest x is looked for. */
export interface Range {
  readonly low: number;
  readonly high: number;
  /** What is enough only beyond it is of no interest. */
  readonly most?: number | undefined;
}

/**
 * Finds the smallest x in [low, high] for which `enough` holds, to one percent. `enough` must be
 * monotone. Null if it does not hold at `most` or at `high`: one look instead of a search.
 * @example smallest({ low: 0, high: 8 }, (x) => x >= 3) // => 3.0
 */
export function smallest({ low, high, most = high }: Range, enough: (x: number) => boolean): number | null {
  if (!enough(Math.min(most, high))) return null;
  let [a, b] = [low, high];
  for (let i = 0; i < 40 && b - a > 0.01 * b; i++) {
    const middle = (a + b) / 2;
    if (enough(middle)) b = middle;
    else a = middle;
  }
  return b;
}
