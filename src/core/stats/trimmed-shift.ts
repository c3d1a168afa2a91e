/** Steps dropped at each end before the mean is taken: a fifth. */
export const trimmedSteps = (steps: number): number => roundHalfToEven(steps / 5);

/** Rounding of the prototype, so that both drop the same steps. */
function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/**
 * √n times the mean of `deviates` without the lowest and highest fifth: evidence for a shift that
 * holds, blind to a burst in one or two steps. About standard normal when the deviates are.
 * judge.md §2.2. Sorts `deviates` in place; 0 when it is empty.
 * @example trimmedShift(Float64Array.of(0, 1, 1, 1, 50)) // => √5
 */
export function trimmedShift(deviates: Float64Array): number {
  const n = deviates.length;
  if (n === 0) return 0;
  const trim = trimmedSteps(n);
  sortFew(deviates);
  let sum = 0;
  for (let i = trim; i < n - trim; i++) sum += deviates[i]!;
  return (sum / (n - 2 * trim)) * Math.sqrt(n);
}

/** Insertion sort: for a dozen values many times faster than the engine's own. */
function sortFew(values: Float64Array): void {
  if (values.length > 32) {
    values.sort();
    return;
  }
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
    values[at] = value;
  }
}
