/** How widely counts swing about what is expected of them, and for how long. */
export interface SwingMoments {
  /**
   * Squared relative swing beyond chance; negative when the counts were calmer than chance makes
   * them.
   */
  readonly swing: number;
  /** The part of it that a step shares with the one before: chance has none in it. */
  readonly shared: number;
}

/**
 * Estimates how much `counts` vary about what is `expected` of them beyond chance
 * (overdispersion), and how much of that carries over to the next step. Steps that are NaN in
 * either are skipped. Both are 0 where nothing is expected. Williams (1982),
 * https://doi.org/10.2307/2347977, plus the lag-1 moment.
 * @param chance variance of a count by chance alone, of each that is expected: 1 for Poisson, 1 − p
 * for binomial
 * @example swingMoments([30, 30, 10, 10], [20, 20, 20, 20], 1) // => { swing: 0.2, shared: 0.0833… }
 */
export function swingMoments(counts: ArrayLike<number>, expected: ArrayLike<number>, chance: number): SwingMoments {
  let [excess, squares, products, pairs] = [0, 0, 0, 0];
  let [lastDeviation, lastExpected] = [0, 0];
  for (let i = 0; i < counts.length; i++) {
    const mean = expected[i]!;
    const deviation = counts[i]! - mean;
    if (Number.isNaN(deviation)) {
      [lastDeviation, lastExpected] = [0, 0];
      continue;
    }
    excess += deviation * deviation - mean * chance;
    squares += mean * mean;
    products += deviation * lastDeviation;
    pairs += mean * lastExpected;
    [lastDeviation, lastExpected] = [deviation, mean];
  }
  return { swing: squares > 0 ? excess / squares : 0, shared: pairs > 0 ? products / pairs : 0 };
}
