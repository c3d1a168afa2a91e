/** How long something lasted: until it ended, or at least this long when it had not ended (`censored`). */
export interface Lifetime {
  readonly ms: number;
  readonly censored: boolean;
}

/** Median of lifetimes; a bound (or the median itself) is null when the curve never comes down to it: longer than anything seen. */
export interface MedianLifetime {
  readonly medianMs: number | null;
  readonly lowMs: number | null;
  readonly highMs: number | null;
  readonly ended: number;
  readonly censored: number;
}

/** Normal quantile of a two-sided interval at 95 %. */
const Z_95 = 1.959964;

/**
 * Median lifetime by the product-limit estimator, with a 95 % interval from the log-log transformed Greenwood variance.
 * Leaving out what has not ended would make recovery look faster than it is.
 * Kaplan & Meier (1958), https://doi.org/10.1080/01621459.1958.10501452; Brookmeyer & Crowley (1982), https://doi.org/10.2307/2530286.
 * @example medianLifetime([{ ms: 1, censored: false }, { ms: 3, censored: false }, { ms: 9, censored: true }]).medianMs // => 3
 */
export function medianLifetime(lifetimes: readonly Lifetime[]): MedianLifetime {
  const times = [...new Set(lifetimes.filter((l) => !l.censored).map(({ ms }) => ms))].sort((a, b) => a - b);
  let survival = 1;
  let greenwood = 0;
  const found: { medianMs: number | null; lowMs: number | null; highMs: number | null } = {
    medianMs: null,
    lowMs: null,
    highMs: null,
  };
  for (const ms of times) {
    const atRisk = lifetimes.filter((l) => l.ms >= ms).length;
    const ended = lifetimes.filter((l) => l.ms === ms && !l.censored).length;
    survival *= 1 - ended / atRisk;
    greenwood += ended / (atRisk * (atRisk - ended));
    const { low, high } = survivalBounds(survival, greenwood);
    if (survival <= 0.5) found.medianMs ??= ms;
    if (low <= 0.5) found.lowMs ??= ms;
    if (high <= 0.5) found.highMs ??= ms;
  }
  const ended = lifetimes.filter(({ censored }) => !censored).length;
  return { ...found, ended, censored: lifetimes.length - ended };
}

function survivalBounds(survival: number, greenwood: number): { low: number; high: number } {
  // with nobody left the variance has no value: the curve ends, its upper bound stays where it was
  if (survival <= 0) return { low: 0, high: 1 };
  const spread = Math.exp((Z_95 * Math.sqrt(greenwood)) / Math.abs(Math.log(survival)));
  return { low: survival ** spread, high: survival ** (1 / spread) };
}
