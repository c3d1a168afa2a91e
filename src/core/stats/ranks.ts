/**
 * Ranks from 1, ties sharing their mean, and the sum of t³ − t over groups of t ties.
 * @example midRanks([5, 1, 5]).ranks // => [2.5, 1, 2.5]
 */
export function midRanks(values: ArrayLike<number>): { ranks: Float64Array; tieTerm: number } {
  const sorted = new Float64Array(values).sort();
  const ranks = new Float64Array(sorted.length);
  let tieTerm = 0;
  for (let i = 0; i < sorted.length; i++) {
    const below = countBelow(sorted, values[i]!);
    let upTo = below + 1;
    while (upTo < sorted.length && sorted[upTo] === values[i]) upTo++;
    ranks[i] = (below + 1 + upTo) / 2;
    // each of t ties adds its share of t³ − t
    tieTerm += (upTo - below) ** 2 - 1;
  }
  return { ranks, tieTerm };
}

function countBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
