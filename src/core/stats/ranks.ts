/**
 * Ranks from 1, ties sharing their mean, and the sum of t³ − t over groups of t ties.
 * @example midRanks([5, 1, 5]).ranks // => [2.5, 1, 2.5]
 */
export function midRanks(values: readonly number[]): { ranks: Float64Array; tieTerm: number } {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  let tieTerm = 0;
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + 1 + to) / 2;
    const ties = to - from;
    tieTerm += ties ** 3 - ties;
    from = to;
  }
  return { ranks, tieTerm };
}
