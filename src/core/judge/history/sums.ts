/** `out[i]` is the sum of the known values before step i, so that any stretch costs two reads. */
export function runningSum(values: ArrayLike<number>, of: (value: number) => number = (x) => x): Float64Array {
  const out = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    out[i + 1] = out[i]! + (Number.isNaN(value) ? 0 : of(value));
  }
  return out;
}

/** Sum over steps `[from, to)`. */
export const between = (sums: Float64Array, from: number, to: number): number => sums[to]! - sums[from]!;
