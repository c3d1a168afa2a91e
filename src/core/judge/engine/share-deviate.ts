import { meanInflation } from "../../stats/autocorrelation.ts";
import { effectiveRequests } from "../../stats/overdispersion.ts";
import { scanScales } from "../../stats/scan-scales.ts";
import { signedRootBinomial } from "../../stats/signed-root.ts";
import { swingingRoot } from "../../stats/swinging-root.ts";
import { trimmedShift } from "../../stats/trimmed-shift.ts";
import { SHRINKAGE_REQUESTS } from "../input/constants.ts";
import type { ShareSeries } from "../input/track.ts";
import type { Span } from "../input/windows.ts";
import { type ShareBaseline, shiftInflation } from "./share-baseline.ts";
import { clamp } from "./share-before.ts";

export interface ShareDeviate {
  readonly scan: number;
  readonly shift: number;
  /** The block where the scan is largest, in steps of the series. */
  readonly block: Span;
  readonly k: number;
  readonly n: number;
}

/** How far `k` of `n` requests in `steps` steps lie beyond the share p, in deviates. */
export interface Reading {
  /** One step, as if the baseline were known. */
  step(k: number, n: number, p: number, baseline: ShareBaseline): number;
  /** Neighbouring steps, with what the baseline leaves open. */
  block(k: number, n: number, steps: number, p: number, baseline: ShareBaseline): number;
}

/** Requests that swing together count for fewer (judge.md §2.2). */
export const discounted: Reading = {
  step(k, n, p, { rho }) {
    const worth = effectiveRequests(n, 1, rho);
    return signedRootBinomial((k * worth) / n, worth, p);
  },
  block(k, n, steps, p, { rho, weight, swingLag1 }) {
    const own = effectiveRequests(n, steps, rho * meanInflation(steps, swingLag1 ?? 0));
    const worth = own > 0 ? (own * weight) / (own + weight) : 0;
    return worth > 0 ? signedRootBinomial((k * worth) / n, worth, p) : 0;
  },
};

/** Squared relative swing of the odds that was seen in a step before. */
const swingOf = ({ seenRho, share }: ShareBaseline): number => seenRho / (share * (1 - share));

/**
 * Requests count in full, but the odds swing by factors, as widely as was seen before. A share that
 * was seen to double by itself may well be seen tenfold: a discount of its requests calls that a
 * wonder.
 */
export const swinging: Reading = {
  step: (k, n, p, baseline) => swingingRoot(k, n, p, Math.log1p(swingOf(baseline))),
  block(k, n, steps, p, baseline) {
    const [lag1, known] = [baseline.swingLag1 ?? 0, Math.max(baseline.steps, 1)];
    const weight = baseline.n + SHRINKAGE_REQUESTS;
    const worth = (n * weight) / (n + weight);
    const relative = meanInflation(steps, lag1) / steps + meanInflation(known, lag1) / known;
    return worth > 0 ? swingingRoot((k * worth) / n, worth, p, Math.log1p(swingOf(baseline) * relative)) : 0;
  },
};

/**
 * Scan and shift of a share after against its baseline (judge.md §2.2). `null0` is the share to be
 * exceeded: the baseline's, or a higher one when the minimum effect is part of the null. Masked
 * steps count for neither.
 */
export function shareDeviate(
  series: ShareSeries,
  after: Span,
  baseline: ShareBaseline,
  null0: number,
  reading: Reading = discounted,
): ShareDeviate {
  const p = clamp(null0);
  const steps = after.to - after.from;
  const ks = new Float64Array(steps + 1);
  const ns = new Float64Array(steps + 1);
  const perStep = new Float64Array(steps);
  for (let i = 0; i < steps; i++) {
    const n = series.n[after.from + i]!;
    const known = n > 0;
    const k = known ? series.k[after.from + i]! : 0;
    ks[i + 1] = ks[i]! + k;
    ns[i + 1] = ns[i]! + (known ? n : 0);
    perStep[i] = known ? reading.step(k, n, p, baseline) : 0;
  }
  let scan = Number.NEGATIVE_INFINITY;
  let best = { from: 0, to: steps };
  for (const { width, penalty } of scanScales(steps)) {
    for (let from = 0; from + width <= steps; from++) {
      const n = ns[from + width]! - ns[from]!;
      // A block below its expectation scores at most −penalty: nothing to compute when that was
      // already beaten.
      const k = ks[from + width]! - ks[from]!;
      if (k <= n * p && scan >= -penalty) continue;
      const z = reading.block(k, n, width, p, baseline) - penalty;
      if (z > scan) {
        scan = z;
        best = { from, to: from + width };
      }
    }
  }
  return {
    scan,
    shift: trimmedShift(perStep) / Math.sqrt(shiftInflation(steps, baseline)),
    block: { from: after.from + best.from, to: after.from + best.to },
    k: ks[best.to]! - ks[best.from]!,
    n: ns[best.to]! - ns[best.from]!,
  };
}
