import { midRanks } from "./ranks.ts";

/** Largest lag-1 correlation that is allowed for; beyond it a window this short says nothing. */
const MAX_LAG1 = 0.8;

/** Lag-1 autocorrelation of the ranks, in [0, 0.8]: neighbouring steps resemble each other. */
export function rankAutocorrelation(values: ArrayLike<number>): number {
  const { ranks } = midRanks(values);
  const centre = (values.length + 1) / 2;
  let products = 0;
  let squares = 0;
  for (let i = 0; i < ranks.length; i++) {
    const deviation = ranks[i]! - centre;
    squares += deviation * deviation;
    if (i > 0) products += deviation * (ranks[i - 1]! - centre);
  }
  return Math.min(Math.max(products / Math.max(squares, 1e-9), 0), MAX_LAG1);
}

/**
 * By how much the variance of a mean of `steps` neighbours exceeds that of as many independent
 * values, when each resembles the one before with correlation `lag1`: 1 + 2 Σ (1 − k/steps) lag1^k,
 * of a first-order autoregression; at least 1. Box, Jenkins & Reinsel, Time Series Analysis,
 * §2.1.5.
 * @example meanInflation(2, 0.5) // => 1.5
 */
export function meanInflation(steps: number, lag1: number): number {
  if (!(lag1 > 0) || steps <= 1) return 1;
  return (1 + lag1) / (1 - lag1) - (2 * lag1 * (1 - lag1 ** steps)) / (steps * (1 - lag1) ** 2);
}

/**
 * By how much the variance of a mean of `steps` neighbours exceeds that of independent ones, when
 * `part` of a step's variance is swing that resembles the step before by `lag1`, and the rest is
 * chance.
 * @example partInflation(2, 0.5, 0.5) // => 1.25
 */
export const partInflation = (steps: number, part: number, lag1: number): number =>
  1 + part * (meanInflation(steps, lag1) - 1);

/**
 * A lag-1 correlation of `steps` values around their own mean, mended for being too small: of φ it
 * is (1 + 3φ)/steps short on average. What is not positive stays 0; at most 0.8, and fewer than
 * four values tell nothing. Marriott & Pope (1954), https://doi.org/10.1093/biomet/41.3-4.390.
 * @example unbiasedLag1(0.5, 30) // => 0.5926, (30 · 0.5 + 1)/27
 */
export function unbiasedLag1(lag1: number, steps: number): number {
  if (!(lag1 > 0) || steps < 4) return 0;
  return Math.min((steps * lag1 + 1) / (steps - 3), MAX_LAG1);
}

/**
 * How many independent values the variance of `steps` neighbours rests on, when each resembles the
 * one before with correlation `lag1`: their squares resemble each other by lag1². Bayley &
 * Hammersley (1946), https://doi.org/10.2307/2983560.
 * @example worthForVariance(30, 0.8) // => 7.10: a spread of thirty such steps is known as badly as of seven
 */
export const worthForVariance = (steps: number, lag1: number): number => steps / meanInflation(steps, lag1 * lag1);

/**
 * The share of the variance that is left when neighbours with correlation `lag1` are measured
 * around their own mean, which follows them: 1 − 1/n for independent ones.
 * @example varianceLeft(2, 0) // => 0.5
 */
export const varianceLeft = (steps: number, lag1: number): number => 1 - meanInflation(steps, lag1) / steps;
