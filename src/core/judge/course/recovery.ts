import { type Boxcar, binomialLogLikelihood, boxcar, poissonLogLikelihood } from "../../stats/boxcar.ts";
import type { Comparison } from "../engine/comparison.ts";
import type { Meter } from "../engine/meter.ts";
import type { Span } from "../input/windows.ts";

/**
 * First step from which every stretch of `sustained` steps up to `end` is back from `damage`; null
 * when there is none. A stretch of which nothing is known proves nothing.
 */
export function backFrom(meter: Meter, damage: number, from: number, end: number, sustained: number): number | null {
  let since: number | null = null;
  for (let start = end - sustained; start >= from; start--) {
    if (!meter.isBack({ from: start, to: start + sustained }, damage)) break;
    since = start;
  }
  return since;
}

/** Where and in stretches of how many steps a recovery is looked for. */
export interface Search extends Span {
  readonly shortest: number;
  readonly longest: number;
}

/**
 * Operational recovery (judge.md §2.9): since when the signal has been back, until the end.
 * Stretches grow from the shortest to the longest while they hold too few requests to tell.
 */
export function operationalRecovery(meter: Meter, damage: number, search: Search): number | null {
  const longest = Math.max(search.longest, 1);
  for (let length = Math.min(Math.max(search.shortest, 1), longest); ; length = Math.min(length * 2, longest)) {
    const since = backFrom(meter, damage, search.from, search.to, length);
    if (since !== null) return since;
    if (length === longest) return null;
  }
}

/**
 * Onset and end by the boxcar of judge.md §2.9, in steps of the track; null for quantiles and where
 * nothing lies on the bad side.
 */
export function boxcarOf({ track, windows }: Comparison, row: number): Boxcar | null {
  if (track.form === "quantile") return null;
  const { before, after } = windows;
  const rate = track.form === "rate";
  const ks = rate ? track.n : track.rows[row]!.k;
  const ns = rate ? track.n : track.rows[row]!.n;
  const length = after.to - before.from;
  const k = new Float64Array(length);
  const n = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const known = !Number.isNaN(ns[before.from + i]);
    k[i] = known ? ks[before.from + i]! : 0;
    n[i] = known ? (rate ? 1 : ns[before.from + i]!) : 0;
  }
  const start = before.to - before.from;
  const fit = boxcar(k, n, start, {
    logLikelihood: rate ? poissonLogLikelihood : binomialLogLikelihood,
    higher: !rate,
    dispersion: dispersion(k, n, start, rate),
  });
  if (fit === null) return null;
  const move = (x: { low: number; high: number }) => ({ low: x.low + before.from, high: x.high + before.from });
  return {
    from: fit.from + before.from,
    to: fit.to + before.from,
    fromRange: move(fit.fromRange),
    toRange: move(fit.toRange),
  };
}

/** φ: Pearson's χ² over its degrees of freedom in the steps before, at least 1. */
function dispersion(k: Float64Array, n: Float64Array, end: number, rate: boolean): number {
  let [sumK, sumN, used] = [0, 0, 0];
  for (let i = 0; i < end; i++) {
    sumK += k[i]!;
    sumN += n[i]!;
    if (n[i]! > 0) used++;
  }
  if (used < 2) return 1;
  const p = (sumK + 0.5) / (sumN + 1);
  let chi = 0;
  for (let i = 0; i < end; i++) {
    const mu = n[i]! * p;
    if (n[i]! > 0) chi += (k[i]! - mu) ** 2 / Math.max(rate ? mu : mu * (1 - p), 1e-9);
  }
  return Math.max(1, chi / (used - 1));
}
