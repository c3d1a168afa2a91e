/** Deviates given away so that the change is found four times of five: Φ⁻¹(0.8). */
export const POWER = 0.8416;

/** Where a smallest x is looked for. */
export interface Range {
  readonly low: number;
  readonly high: number;
  /** What is enough only beyond it is of no interest. */
  readonly most?: number | undefined;
}

/**
 * Smallest x in [low, high] with `enough(x)`, to one percent; `enough` must be monotone; null when
 * even `high` is not, or `most`: one look instead of a search.
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
