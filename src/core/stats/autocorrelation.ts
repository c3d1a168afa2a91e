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
 * By how much the variance of a mean of `steps` neighbours exceeds that of as many independent values, when each resembles the one before with
 * correlation `lag1`: 1 + 2 Σ (1 − k/steps) lag1^k, of a first-order autoregression; at least 1.
 * Box, Jenkins & Reinsel, Time Series Analysis, §2.1.5.
 * @example meanInflation(2, 0.5) // => 1.5
 */
export function meanInflation(steps: number, lag1: number): number {
  if (!(lag1 > 0) || steps <= 1) return 1;
  return (1 + lag1) / (1 - lag1) - (2 * lag1 * (1 - lag1 ** steps)) / (steps * (1 - lag1) ** 2);
}
