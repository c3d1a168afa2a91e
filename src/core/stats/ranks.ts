/** Up to so many values each is put in its place by insertion, which beats sorting. */
const FEW = 64;

/** Ranks from 1, ties sharing their mean, and the sum of t³ − t over groups of t ties. */
export interface Ranks {
  readonly ranks: readonly number[];
  readonly tieTerm: number;
}

/**
 * Ranks of values that are numbers.
 * @example midRanks([5, 1, 5]).ranks // => [2.5, 1, 2.5]
 */
export function midRanks(values: ArrayLike<number>): Ranks {
  const order = values.length <= FEW ? inserted(values) : sorted(values);
  const ranks = Array.from(order, () => 0);
  let tieTerm = 0;
  for (let from = 0, to = 0; from < order.length; from = to) {
    const value = values[order[from]!];
    for (to = from + 1; to < order.length && values[order[to]!] === value; ) to++;
    // the mean of from + 1 to `to`
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + 1 + to) / 2;
    const ties = to - from;
    tieTerm += ties * (ties * ties - 1);
  }
  return { ranks, tieTerm };
}

/** The indices of `values` in ascending order of these. */
function inserted(values: ArrayLike<number>): number[] {
  const order: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    order.push(i);
    let at = i;
    for (; at > 0 && values[order[at - 1]!]! > value; at--) order[at] = order[at - 1]!;
    order[at] = i;
  }
  return order;
}

const sorted = (values: ArrayLike<number>): number[] =>
  Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
