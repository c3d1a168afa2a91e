/** p of a randomised instant. */
export interface DesignP {
  readonly p: number;
  /** Instants whose statistic is known. */
  readonly candidates: number;
}

/**
 * Share of the instants at which the statistic is at least as large as at the one that was drawn:
 * Fisher's randomisation test. Exactly valid when the instant was drawn uniformly and nothing
 * followed from it, for any statistic, trend, season or autocorrelation (judge.md §2.6).
 * @param scores the statistic at every candidate, the drawn one among them; NaN where it is not
 * known, which is no candidate
 * @returns null when nothing is known of the drawn one
 * @example designP([1, 4, 2, 3], 1) // => { p: 0.25, candidates: 4 }
 */
export function designP(scores: ArrayLike<number>, drawn: number): DesignP | null {
  const own = scores[drawn] ?? Number.NaN;
  if (Number.isNaN(own)) return null;
  let [candidates, asBad] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) continue;
    candidates++;
    if (scores[i]! >= own) asBad++;
  }
  return { p: asBad / candidates, candidates };
}
