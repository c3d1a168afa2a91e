import { fresh, type Take } from "../input/arena.ts";

/** `out[i]` is the sum of the known values before step i, so that any stretch costs two reads. */
export function runningSum(values: Float64Array | Uint8Array, take: Take = fresh): Float64Array {
  const out = take(values.length + 1);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) sum += value;
    out[i + 1] = sum;
  }
  return out;
}

/** `out[i]` is how many steps before i are known, or above `floor`. */
export function runningCount(values: Float64Array, floor = Number.NEGATIVE_INFINITY, take: Take = fresh): Float64Array {
  const out = take(values.length + 1);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i]! > floor) count++;
    out[i + 1] = count;
  }
  return out;
}

/** Sum over steps `[from, to)`. */
export const between = (sums: Float64Array, from: number, to: number): number => sums[to]! - sums[from]!;
