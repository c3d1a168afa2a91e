import { meanInflation } from "../../stats/autocorrelation.ts";
import { scanScales } from "../../stats/scan-scales.ts";
import { signedRootPoisson } from "../../stats/signed-root.ts";
import { trimmedShift } from "../../stats/trimmed-shift.ts";
import type { Span } from "../input/windows.ts";
import { type RateBaseline, rateShiftInflation } from "./rate-baseline.ts";

/** How far the request rate fell below what it was, in deviates, and in which block most. */
export interface RateDeviate {
  readonly scan: number;
  readonly shift: number;
  readonly block: Span;
  /** Requests counted and expected in the block. */
  readonly n: number;
  readonly expected: number;
}

/** How far `m` requests in `width` steps lie below `mu`, in deviates; positive is fewer. */
function fewer(m: number, mu: number, baseline: RateBaseline, width = 1): number {
  const nu = baseline.nu * meanInflation(width, baseline.lag1 ?? 0);
  return -signedRootPoisson(m, mu) / Math.sqrt(1 + nu * mu + mu / Math.max(baseline.n, 1));
}

/**
 * Scan and shift of a fall of the request rate after (judge.md §2.4). Masked steps count for
 * neither side.
 */
export function rateDeviate(n: Float64Array, after: Span, baseline: RateBaseline): RateDeviate {
  const steps = after.to - after.from;
  const ns = new Float64Array(steps + 1);
  const known = new Float64Array(steps + 1);
  const perStep = new Float64Array(steps);
  for (let i = 0; i < steps; i++) {
    const m = n[after.from + i]!;
    const seen = !Number.isNaN(m);
    ns[i + 1] = ns[i]! + (seen ? m : 0);
    known[i + 1] = known[i]! + (seen ? 1 : 0);
    perStep[i] = seen ? fewer(m, baseline.perStep, baseline) : 0;
  }
  let scan = Number.NEGATIVE_INFINITY;
  let best = { from: 0, to: steps, mu: 0 };
  for (const { width, penalty } of scanScales(steps)) {
    for (let from = 0; from + width <= steps; from++) {
      const to = from + width;
      const mu = baseline.perStep * (known[to]! - known[from]!);
      if (mu === 0) continue;
      const z = fewer(ns[to]! - ns[from]!, mu, baseline, width) - penalty;
      if (z > scan) {
        scan = z;
        best = { from, to, mu };
      }
    }
  }
  return {
    scan,
    shift: trimmedShift(perStep) / Math.sqrt(rateShiftInflation(steps, baseline)),
    block: { from: after.from + best.from, to: after.from + best.to },
    n: ns[best.to]! - ns[best.from]!,
    expected: best.mu,
  };
}
