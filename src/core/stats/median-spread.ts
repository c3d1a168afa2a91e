import { medianOf } from "./quantile.ts";

/** Standard deviations in the median distance of a normal law: 1/Φ⁻¹(3/4). */
const DEVIATIONS_PER_MEDIAN_DISTANCE = 1.4826;

/**
 * Spread of a sample around `centre` by the median of the distances, as a standard deviation of a
 * normal law: a few wild values do not widen it. NaN without finite values. Rousseeuw and Croux
 * (1993), https://doi.org/10.1080/01621459.1993.10476408
 * @example medianSpread([1, 2, 3, 4, 100], 3) // => 1.4826
 */
export const medianSpread = (values: Float64Array, centre: number): number =>
  DEVIATIONS_PER_MEDIAN_DISTANCE * medianOf(values.map((x) => Math.abs(x - centre)));
