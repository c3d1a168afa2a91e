import { knownShareBaseline, ownShareBaseline } from "../../src/core/judge/engine/share-baseline.ts";
import { shareCountsBefore, shareSeenBefore } from "../../src/core/judge/engine/share-before.ts";
import { discounted, shareDeviate, swinging } from "../../src/core/judge/engine/share-deviate.ts";
import { longRunOf } from "../../src/core/judge/history/share-scores.ts";
import type { LongRun } from "../../src/core/judge/input/known.ts";
import type { ShareSeries } from "../../src/core/judge/input/track.ts";
import type { Span } from "../../src/core/judge/input/windows.ts";
import type { Shape } from "../../src/core/judge/judge.ts";
import { scanScales } from "../../src/core/stats/scan-scales.ts";

/** The same placebo scores without running sums: every window is added up again. */
export function naiveScores(series: ShareSeries, shape: Shape, stride: number): number {
  const longRun: LongRun = longRunOf(series);
  let highest = Number.NEGATIVE_INFINITY;
  const reach = shape.lateFrom + shape.late;
  for (let t0 = shape.before; t0 + reach <= series.n.length; t0 += stride) {
    const baseline = knownShareBaseline(shareCountsBefore(series, { from: t0 - shape.before, to: t0 }), longRun);
    const early = shareDeviate(series, { from: t0, to: t0 + shape.early }, baseline, baseline.share);
    const from = t0 + shape.lateFrom;
    const late = shareDeviate(series, { from, to: from + shape.late }, baseline, baseline.share);
    highest = Math.max(highest, early.scan, early.shift, late.shift);
  }
  return highest;
}

/**
 * Both readings of one share without history: every stretch is added up again, and asks anew what
 * the steps before were like.
 */
export function naiveOwnWindow(series: ShareSeries, before: Span, after: Span): number {
  const readings = [discounted, swinging].map((reading) => {
    let highest = Number.NEGATIVE_INFINITY;
    for (const { width, penalty } of scanScales(after.to - after.from)) {
      for (let from = after.from; from + width <= after.to; from++) {
        const baseline = ownShareBaseline(shareSeenBefore(series, before));
        let [k, n] = [0, 0];
        for (let i = from; i < from + width; i++) {
          k += series.k[i]!;
          n += series.n[i]!;
        }
        highest = Math.max(highest, reading.block(k, n, width, baseline.share, baseline) - penalty);
      }
    }
    return highest;
  });
  return Math.min(...readings);
}

/** The same as the judge has it. */
export function ownWindow(series: ShareSeries, before: Span, after: Span): number {
  const baseline = ownShareBaseline(shareSeenBefore(series, before));
  const scan = (reading: typeof discounted): number =>
    shareDeviate(series, after, baseline, baseline.share, reading).scan;
  return Math.min(scan(discounted), scan(swinging));
}
