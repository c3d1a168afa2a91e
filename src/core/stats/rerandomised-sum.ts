/**
 * What one run scored, in whole levels, and what it would have scored at the instants that were not
 * drawn.
 */
export interface DrawnLevel {
  /** Instants on level 0, 1, 2 …, the drawn one among them. */
  readonly counts: readonly number[];
  readonly drawn: number;
}

/** Shares of all choices of the instants, one a run. Both count the choice that was made. */
export interface ReRandomised {
  /** … whose sum is at least as large as the one that was drawn. */
  readonly atLeast: number;
  readonly atMost: number;
}

/**
 * Fisher's randomisation test on the sum over several runs, each drawn again among its own instants
 * only. All ∏|T| choices are counted, by adding one run after the other to the distribution of the
 * sum, so nothing is simulated and the smallest p is 1/∏|T|. Exactly valid for any scores when the
 * draws were independent and uniform, also when the runs share instants. judge.md §2.6 (b); the
 * counting is that of Streitberg & Röhmel (1986), Stat. Softw. Newsl. 12, 10–17.
 * @throws RangeError if there is no run, or a run has no instant on the level that it drew
 * @example rerandomisedSum([{ counts: [3, 1], drawn: 1 }, { counts: [1, 1], drawn: 1 }]) // => { atLeast: 0.125, atMost: 1 }
 */
export function rerandomisedSum(runs: readonly DrawnLevel[]): ReRandomised {
  if (runs.length === 0) throw new RangeError("rerandomisedSum needs at least one run");
  let sums = Float64Array.of(1);
  let observed = 0;
  for (const { counts, drawn } of runs) {
    if (!((counts[drawn] ?? 0) > 0)) throw new RangeError(`no instant is on level ${drawn}, which was drawn`);
    observed += drawn;
    sums = added(sums, counts);
  }
  // the small end is summed up by itself: one minus the other would lose it
  const [atLeast, atMost] = [sums.subarray(observed), sums.subarray(0, observed + 1)];
  return { atLeast: Math.min(total(atLeast), 1), atMost: Math.min(total(atMost), 1) };
}

/** Distribution of the sum of what `sums` and `counts` describe. */
function added(sums: Float64Array, counts: readonly number[]): Float64Array<ArrayBuffer> {
  const out = new Float64Array(sums.length + counts.length - 1);
  const all = total(counts);
  counts.forEach((count, level) => {
    if (count === 0) return;
    const share = count / all;
    for (let i = 0; i < sums.length; i++) out[i + level]! += sums[i]! * share;
  });
  return out;
}

function total(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
