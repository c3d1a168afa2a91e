/** Newton's steps after which the swing is known well enough; it takes three to six. */
const MOST_STEPS = 40;
const CLOSE = 1e-9;
/** Odds that swing beyond e^±50 are any odds. */
const LARGEST = 50;

/** Deviance of `k` of `m` trials against a share whose odds are e^`swing` times those of `p`. */
function deviance(k: number, m: number, p: number, swing: number): number {
  const odds = Math.exp(swing);
  const scale = 1 - p + p * odds;
  const hit = k > 0 ? k * Math.log((k * scale) / (m * p * odds)) : 0;
  const missed = m > k ? (m - k) * Math.log(((m - k) * scale) / (m * (1 - p))) : 0;
  return 2 * (hit + missed);
}

/**
 * The swing of the odds that explains `k` of `m` best, what a swing costs counted: where x/variance
 * = k − m·share(x), which both sides cross once.
 */
function likeliestSwing(k: number, m: number, p: number, variance: number): number {
  const start = Math.min(Math.max(variance * (k - m * p), -LARGEST), LARGEST);
  let [low, high] = [Math.min(start, 0), Math.max(start, 0)];
  let x = 0;
  for (let i = 0; i < MOST_STEPS; i++) {
    const odds = Math.exp(x);
    const share = (p * odds) / (1 - p + p * odds);
    const slope = x / variance - (k - m * share);
    if (slope > 0) high = x;
    else low = x;
    const step = x - slope / (1 / variance + m * share * (1 - share));
    const next = step > low && step < high ? step : (low + high) / 2;
    if (Math.abs(next - x) <= CLOSE * (1 + Math.abs(x))) return next;
    x = next;
  }
  return x;
}

/**
 * Signed root of the deviance of `k` of `m` trials (both may be fractional) against a share `p`
 * whose log odds swing by themselves, normally with `variance`: the least of x²/variance + deviance
 * at odds e^x. Where a share swings by factors, a large k is less of a surprise than a discount of
 * the trials makes it. Without swing it is `signedRootBinomial`, with endless trials ln(odds
 * ratio)/√variance. 0 if there were no trials. Laplace's approximation of a logistic-normal share:
 * Breslow & Clayton (1993), https://doi.org/10.1080/01621459.1993.10594284.
 * @throws RangeError unless 0 < p < 1
 * @example swingingRoot(50, 1000, 0.01, 0.25) // => 3.17, where 50 of 1000 without any swing are 9.09
 */
export function swingingRoot(k: number, m: number, p: number, variance: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`the probability must lie inside (0, 1), not ${p}`);
  if (!(m > 0)) return 0;
  const swing = variance > 0 ? likeliestSwing(k, m, p, variance) : 0;
  const cost = variance > 0 ? swing ** 2 / variance : 0;
  const root = Math.sqrt(Math.max(deviance(k, m, p, swing) + cost, 0));
  return k > m * p ? root : -root;
}
