/** Deviates given away so that the change is found four times of five: Φ⁻¹(0.8). */
export const POWER = 0.8416;

/**
 * Smallest x in [low, high] with `enough(x)`, to one percent; `enough` must be monotone; null when
 * even `high` is not.
 */
export function smallest(low: number, high: number, enough: (x: number) => boolean): number | null {
  if (!enough(high)) return null;
  let [a, b] = [low, high];
  for (let i = 0; i < 40 && b - a > 0.01 * b; i++) {
    const middle = (a + b) / 2;
    if (enough(middle)) b = middle;
    else a = middle;
  }
  return b;
}
