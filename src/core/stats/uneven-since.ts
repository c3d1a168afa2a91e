import { type Rank, rankBet } from "./rank-bet.ts";

/** Bets for and against high places, weak and strong; a quarter of the stake on each. */
const KAPPAS = [0.4, 0.7, 1.5, 2.5] as const;

/**
 * Since which of `ranks` they have not been uniform, or null while that cannot be said. Each bet of
 * `rankBet` is multiplied up from the start that suits it best (Page's CUSUM of e-values), and the
 * bets are averaged: an e-detector, whose cry at `runLength` comes on average no sooner than after
 * so many uniform ranks, looked at after each of them (Shin, Ramdas & Rinaldo 2024,
 * https://doi.org/10.51387/23-NEJSDS51). The start is that of the bet that had won most then; it is
 * over when that bet has lost everything again.
 * @throws RangeError unless runLength > 1
 * @example unevenSince(Array(12).fill({ above: 0, tied: 0.01 }), 400) // => 0
 */
export function unevenSince(ranks: readonly Rank[], runLength: number): number | null {
  if (!(runLength > 1)) throw new RangeError(`expected a run length above 1, not ${runLength}`);
  const bets = KAPPAS.map((kappa) => ({ kappa, won: 1, since: 0 }));
  let raisedBy: (typeof bets)[number] | null = null;
  for (const [i, rank] of ranks.entries()) {
    for (const bet of bets) {
      if (bet.won <= 1) Object.assign(bet, { won: 1, since: i });
      bet.won *= rankBet(rank, bet.kappa);
    }
    const mean = bets.reduce((sum, { won }) => sum + won, 0) / bets.length;
    if (mean >= runLength) raisedBy ??= bets.reduce((best, bet) => (bet.won > best.won ? bet : best));
    else if (raisedBy !== null && raisedBy.won <= 1) raisedBy = null;
  }
  return raisedBy === null ? null : raisedBy.since;
}
