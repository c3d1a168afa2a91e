import { rankAutocorrelation, unbiasedLag1, varianceLeft } from "../../stats/autocorrelation.ts";
import { intraStepCorrelation } from "../../stats/overdispersion.ts";
import { FEWEST_NEIGHBOURS, VARIES_OVER_STEPS } from "../input/constants.ts";
import type { ShareSeries } from "../input/track.ts";
import { type Span, spanLength } from "../input/windows.ts";

/** A share inside (0, 1). */
export const clamp = (p: number): number => Math.min(Math.max(p, 1e-7), 1 - 1e-7);

/** How much of what came in the steps before failed, or was slow. */
export interface ShareCounts {
  readonly k: number;
  readonly n: number;
  /** Steps with requests. */
  readonly steps: number;
}

/** What a share did in the steps before. */
export interface ShareBefore extends ShareCounts {
  /** Correlation inside a step. */
  readonly rho: number;
  /** How much the share of a step resembles that of the one before. */
  readonly lag1: number;
}

/** The counts alone, for a share whose swing is known from a long run. */
export function shareCountsBefore(series: ShareSeries, before: Span): ShareCounts {
  let [k, n, steps] = [0, 0, 0];
  for (let i = before.from; i < before.to; i++) {
    if (!(series.n[i]! > 0)) continue;
    k += series.k[i]!;
    n += series.n[i]!;
    steps++;
  }
  return { k, n, steps };
}

/** The counts of the steps `before`, and how they swing. */
export function shareSeenBefore(series: ShareSeries, before: Span): ShareBefore {
  const counts = shareCountsBefore(series, before);
  // Shares that are all 0 have no order.
  const lag1 = counts.k > 0 ? lagOfShares(series, before) : 0;
  const share = clamp((counts.k + 0.5) / (counts.n + 1));
  return { ...counts, lag1, rho: ownCorrelation(series, before, share, counts.steps, lag1) };
}

function lagOfShares(series: ShareSeries, before: Span): number {
  const shares: number[] = [];
  for (let i = before.from; i < before.to; i++) if (series.n[i]! > 0) shares.push(series.k[i]! / series.n[i]!);
  return shares.length < FEWEST_NEIGHBOURS ? 0 : unbiasedLag1(rankAutocorrelation(shares), shares.length);
}

/** ρ of the steps before around their own share, mended for what that share took along. */
function ownCorrelation(series: ShareSeries, before: Span, share: number, steps: number, lag1: number): number {
  const { k, n } = { k: series.k.subarray(before.from, before.to), n: series.n.subarray(before.from, before.to) };
  return steps < 2 ? 0 : Math.min(intraStepCorrelation(k, n, share) / varianceLeft(steps, lag1), 0.5);
}

/** A share of fewer requests than this is mostly chance. */
const FEWEST_REQUESTS = 20;

/**
 * The largest share that any stretch of five steps before had; of all steps where they are fewer.
 */
export function mostBefore({ k, n }: ShareSeries, before: Span): number {
  const width = Math.min(VARIES_OVER_STEPS, spanLength(before));
  let most = 0;
  let [ks, ns] = [0, 0];
  const known = (i: number): boolean => n[i]! > 0;
  for (let i = before.from; i < before.to; i++) {
    if (known(i)) [ks, ns] = [ks + k[i]!, ns + n[i]!];
    const gone = i - width;
    if (gone >= before.from && known(gone)) [ks, ns] = [ks - k[gone]!, ns - n[gone]!];
    if (i - before.from + 1 >= width && ns >= FEWEST_REQUESTS) most = Math.max(most, ks / ns);
  }
  return Math.min(most, 1);
}
