/**
 * Which hypotheses Benjamini & Hochberg (1995) reject at false discovery rate `q`, in the order
 * given. With `weights` (mean 1) a hypothesis of weight w is tested at w times its share: Genovese,
 * Roeder & Wasserman (2006), https://doi.org/10.1093/biomet/93.3.509.
 * @throws RangeError if a p is NaN, or weights are given for another number of hypotheses
 * @example benjaminiHochberg([0.008, 0.03, 0.123], 0.05) // => [true, true, false]
 */
export function benjaminiHochberg(ps: readonly number[], q: number, weights?: readonly number[]): boolean[] {
  if (weights !== undefined && weights.length !== ps.length) throw new RangeError("one weight a hypothesis is needed");
  const critical = criticalP(ps, q, weights);
  return ps.map((p, i) => weighted(p, weights?.[i]) <= critical);
}

/** The largest (weighted) p that is rejected; −1 when none is. */
export function criticalP(ps: readonly number[], q: number, weights?: readonly number[]): number {
  if (ps.some(Number.isNaN)) throw new RangeError("a p-value is not a number");
  const sorted = ps.map((p, i) => weighted(p, weights?.[i])).sort((a, b) => a - b);
  for (let rank = sorted.length; rank >= 1; rank--) {
    const p = sorted[rank - 1]!;
    if (p <= (q * rank) / sorted.length) return p;
  }
  return -1;
}

const weighted = (p: number, weight = 1): number => (weight > 0 ? p / weight : Number.POSITIVE_INFINITY);
