/** One width of the blocks that are looked at in a window: as many as there are places for it. */
export interface Scale {
  readonly width: number;
  /**
   * What a block of this width must give up for having many places to lie: √(2 ln(e·steps/width)).
   */
  readonly penalty: number;
}

const WIDTHS = [1, 2, 5, 10];

/**
 * Blocks of 1, 2, 5, 10 and all of `steps` steps, each at every place, with the penalty of Dümbgen
 * & Spokoiny (2001), https://doi.org/10.1214/aos/996986504, which lets one maximum be taken over
 * all scales. judge.md §2.2, §2.16.
 * @example scanScales(3).map(({ width }) => width) // => [1, 2, 3]: three places, two, and one
 */
export function scanScales(steps: number): readonly Scale[] {
  const widths = WIDTHS.filter((width) => width < steps);
  if (steps > 0) widths.push(steps);
  return widths.map((width) => ({ width, penalty: penaltyOf(width, steps) }));
}

/** What the block that is the whole window gives up. */
export const wholePenalty = (steps: number): number => penaltyOf(steps, steps);

const penaltyOf = (width: number, steps: number): number => Math.sqrt(2 * Math.log((Math.E * steps) / width));
