/** A share with its bounds. */
export interface ShareBounds {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's interval for `k` successes in `m` trials (both may be fractional, as effective counts
 * are) at normal quantile `z`. Wilson (1927), https://doi.org/10.1080/01621459.1927.10502953.
 * Without trials nothing is known: [0, 1].
 * @example wilson(0, 100, 1.96).high // => 0.037
 */
export function wilson(k: number, m: number, z: number): ShareBounds {
  if (!(m > 0)) return { low: 0, high: 1 };
  const share = k / m;
  const spread = 1 + (z * z) / m;
  const centre = (share + (z * z) / (2 * m)) / spread;
  const half = (z * Math.sqrt((share * (1 - share)) / m + (z * z) / (4 * m * m))) / spread;
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * Interval of the difference of two shares, `after − before`, by Newcombe's square-and-add of two
 * Wilson intervals (1998, method 10),
 * https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.
 */
export function shareDifference(
  before: { readonly k: number; readonly m: number },
  after: { readonly k: number; readonly m: number },
  z: number,
): { point: number; low: number; high: number } {
  const share = (s: { k: number; m: number }): number => (s.m > 0 ? s.k / s.m : 0);
  const [b, a] = [share(before), share(after)];
  const [bi, ai] = [wilson(before.k, before.m, z), wilson(after.k, after.m, z)];
  return {
    point: a - b,
    low: a - b - Math.hypot(a - ai.low, bi.high - b),
    high: a - b + Math.hypot(ai.high - a, b - bi.low),
  };
}
