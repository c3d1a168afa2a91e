import { longRunOf } from "../../src/core/judge/history/share-scores.ts";
import type { Shape } from "../../src/core/judge/judge.ts";
import type { ShareSeries } from "../../src/core/judge/share-before.ts";
import { type LongRun, shareBaseline, shareDeviate } from "../../src/core/judge/share-deviate.ts";

/** The same placebo scores without running sums: every window is added up again. */
export function naiveScores(series: ShareSeries, shape: Shape, stride: number): number {
  const longRun: LongRun = longRunOf(series);
  let highest = Number.NEGATIVE_INFINITY;
  const reach = shape.lateFrom + shape.late;
  for (let t0 = shape.before; t0 + reach <= series.n.length; t0 += stride) {
    const baseline = shareBaseline(series, { from: t0 - shape.before, to: t0 }, longRun);
    const early = shareDeviate(series, { from: t0, to: t0 + shape.early }, baseline, baseline.share);
    const from = t0 + shape.lateFrom;
    const late = shareDeviate(series, { from, to: from + shape.late }, baseline, baseline.share);
    highest = Math.max(highest, early.scan, early.shift, late.shift);
  }
  return highest;
}
