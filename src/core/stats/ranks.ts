/** Up to so many values it is quicker to compare each with each than to sort. */
const FEW = 64;

/**
 * Ranks from 1, ties sharing their mean, and the sum of t³ − t over groups of t ties.
 * @example midRanks([5, 1, 5]).ranks // => [2.5, 1, 2.5]
 */
export function midRanks(values: ArrayLike<number>): { ranks: Float64Array; tieTerm: number } {
  const sorted = values.length <= FEW ? null : new Float64Array(values).sort();
  const ranks = new Float64Array(values.length);
  let tieTerm = 0;
  for (let i = 0; i < ranks.length; i++) {
    const value = values[i]!;
    let [below, same] = [0, 0];
    if (sorted === null) {
      for (let j = 0; j < ranks.length; j++) {
        if (values[j]! < value) below++;
        else if (values[j] === value) same++;
      }
    } else {
      below = countBelow(sorted, value);
      while (sorted[below + same] === value) same++;
    }
    ranks[i] = below + (same + 1) / 2;
    // each of t ties adds its share of t³ − t
    tieTerm += same * same - 1;
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
