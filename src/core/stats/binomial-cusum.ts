export interface CusumRates {
  /** Probability of `true` that is promised, 0…1. */
  readonly promised: number;
  /** Probability at which it is to be noticed soonest. */
  readonly worse: number;
  /** Outcomes that pass on average before a false cry, at the least. */
  readonly runLength: number;
}

/**
 * Since which outcome `true` has come more often than promised, or null while that cannot be said.
 * The log likelihood ratio of `worse` against `promised`, summed up and never below zero (Page
 * 1954, https://doi.org/10.1093/biomet/41.1-2.100): a cry at ln(runLength) comes on average no
 * sooner than after `runLength` outcomes while the promise is kept (Lorden 1971,
 * https://doi.org/10.1214/aoms/1177693055). It may be looked at after every outcome. It is over
 * when the sum is back at zero.
 * @throws RangeError unless 0 < promised < worse < 1 and runLength > 1
 * @example overdueSince([true, true, true], { promised: 0.05, worse: 0.15, runLength: 20 }) // => 0
 */
export function overdueSince(outcomes: readonly boolean[], { promised, worse, runLength }: CusumRates): number | null {
  if (!(0 < promised && promised < worse && worse < 1 && runLength > 1)) {
    throw new RangeError(
      `expected 0 < promised < worse < 1 and runLength > 1, not ${promised}, ${worse}, ${runLength}`,
    );
  }
  const up = Math.log(worse / promised);
  const down = Math.log((1 - worse) / (1 - promised));
  let [sum, since, cried] = [0, 0, false];
  outcomes.forEach((hit, i) => {
    if (sum === 0) [since, cried] = [i, false];
    sum = Math.max(0, sum + (hit ? up : down));
    cried ||= sum >= Math.log(runLength);
  });
  return cried && sum > 0 ? since : null;
}
