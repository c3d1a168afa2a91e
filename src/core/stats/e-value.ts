/**
 * Evidence that may be multiplied over runs, with any stopping rule: e = ½ p^(−½), whose mean under
 * the null is at most 1. Vovk & Wang (2021), https://doi.org/10.1214/20-AOS2020, calibrator κ = ½;
 * judge.md §2.8.
 * @throws RangeError unless 0 < p ≤ 1
 * @example eValue(0.001) // => 15.8
 */
export function eValue(p: number): number {
  if (!(p > 0 && p <= 1)) throw new RangeError(`a p-value lies in (0, 1], not ${p}`);
  return 0.5 / Math.sqrt(p);
}

/**
 * Which suspects are confirmed: e-BH of Wang & Ramdas (2022), https://doi.org/10.1111/rssb.12489,
 * on the products over runs.
 * @param evidence product of e-values, one a suspect
 */
export function confirmed(evidence: readonly number[], q: number): boolean[] {
  const sorted = [...evidence].sort((a, b) => b - a);
  let needed = Number.POSITIVE_INFINITY;
  sorted.forEach((e, i) => {
    if (e >= evidence.length / (q * (i + 1))) needed = e;
  });
  return evidence.map((e) => e >= needed);
}
