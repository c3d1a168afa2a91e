/**
 * Where something stood among others: a share `above` stood higher, a share `tied` equal, itself
 * counted.
 */
export interface Rank {
  readonly above: number;
  readonly tied: number;
}

/**
 * What a bet on a rank that should be uniform pays: the density κ u^(κ−1) of Beta(κ, 1), averaged
 * over the ranks that a tie leaves open. κ < 1 bets on high places, κ > 1 on low ones. Its mean is
 * exactly 1 when every place is as likely, ties or not, so products of such bets may be looked at
 * any time. Vovk, Nouretdinov & Gammerman (2003), power martingales,
 * https://dl.acm.org/doi/10.5555/3041838.3041935; averaging in place of a drawn tie-break.
 * @throws RangeError unless κ > 0, above ≥ 0, 0 < tied and above + tied ≤ 1
 * @example rankBet({ above: 0, tied: 0.25 }, 0.5) // => 2
 */
export function rankBet({ above, tied }: Rank, kappa: number): number {
  const upTo = above + tied;
  if (!(kappa > 0 && above >= 0 && tied > 0 && upTo <= 1 + 1e-9))
    throw new RangeError(`expected κ > 0 and shares of at most 1, not ${kappa}, ${above}, ${tied}`);
  return (Math.min(upTo, 1) ** kappa - above ** kappa) / tied;
}
