import { rankAutocorrelation } from "./autocorrelation.ts";
import { midRanks } from "./ranks.ts";

/**
 * Normal deviate of the Mann–Whitney test that `after` lies above `before`: ties and continuity
 * corrected, the variance widened by (1 + r)/(1 − r) for the lag-1 autocorrelation r of the ranks
 * before. Null when all values are equal. Mann & Whitney (1947),
 * https://doi.org/10.1214/aoms/1177730491; judge.md §2.16 step 2.
 * @throws RangeError if a sample is empty
 */
export function mannWhitneyDeviate(before: readonly number[], after: readonly number[]): number | null {
  if (before.length === 0 || after.length === 0) throw new RangeError("at least one value in each sample is needed");
  const [n, m] = [before.length, after.length];
  const total = n + m;
  const { ranks, tieTerm } = midRanks([...before, ...after]);
  let sum = 0;
  for (let i = n; i < total; i++) sum += ranks[i]!;
  const lag1 = rankAutocorrelation(before);
  const untied = (m * n * (total + 1 - tieTerm / (total * (total - 1)))) / 12;
  const variance = (untied * (1 + lag1)) / (1 - lag1);
  if (!(variance > 0)) return null;
  return (sum - (m * (m + 1)) / 2 - (m * n) / 2 - 0.5) / Math.sqrt(variance);
}
