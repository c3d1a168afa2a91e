import { AftershockError } from "../../../core/model/error.ts";
import { withOffset } from "../signals/offset.ts";
import type { OnSeries } from "./matrix-reader.ts";

/** Evaluation times of a range query: `fromMs`, `fromMs + stepMs` … `toMs`. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** An answer for other times than were asked for: nothing of it was handed over. */
export class OtherTimes extends AftershockError {}

/** Times are told in seconds with three digits. */
const ROUNDING_MS = 1;

/**
 * Hands over what was evaluated at the times of `span`. Servers that keep answers move the times to
 * whole steps: Thanos' query frontend as it is installed (`--query-range.align-range-with-step`,
 * https://github.com/thanos-io/thanos/pull/3356), VictoriaMetrics from fifty points on
 * (https://github.com/VictoriaMetrics/VictoriaMetrics/issues/171). Half a minute earlier or later
 * is another step.
 */
export const atTimesOf =
  (span: Span, where: string, onSeries: OnSeries): OnSeries =>
  (labels, samples) => {
    const times = [...samples.timesMs.subarray(0, samples.n), ...(samples.histograms ?? []).map(({ atMs }) => atMs)];
    if (!times.every((atMs) => isOf(span, atMs))) {
      throw new OtherTimes("source-refused", `Prometheus at ${where} answers for other times than it is asked for`, {
        hint: "take --query-range.align-range-with-step out of Thanos' query frontend, or write the address of what is behind it as prometheus.url",
      });
    }
    onSeries(labels, samples);
  };

function isOf({ fromMs, stepMs }: Span, atMs: number): boolean {
  const off = (((atMs - fromMs) % stepMs) + stepMs) % stepMs;
  return Math.min(off, stepMs - off) <= ROUNDING_MS;
}

/** A range query at whole steps that looks at the times of another. */
export interface WholeSteps {
  readonly query: string;
  readonly span: Span;
  /** Gives each sample the time that it tells of. */
  readonly back: (onSeries: OnSeries) => OnSeries;
}

/**
 * The same question at the next whole steps: a little later, and so much about the past. Null when
 * it is asked at whole steps already, or cannot be moved.
 */
export function onWholeSteps(query: string, { fromMs, toMs, stepMs }: Span): WholeSteps | null {
  const laterMs = Math.ceil(fromMs / stepMs) * stepMs - fromMs;
  const moved = laterMs === 0 ? null : withOffset(query, laterMs);
  if (moved === null) return null;
  return {
    query: moved,
    span: { fromMs: fromMs + laterMs, toMs: toMs + laterMs, stepMs },
    back: (onSeries) => (labels, samples) => {
      const { timesMs, n, histograms } = samples;
      for (let i = 0; i < n; i++) timesMs[i]! -= laterMs;
      const earlier = histograms?.map((one) => ({ ...one, atMs: one.atMs - laterMs }));
      onSeries(labels, earlier === undefined ? samples : { ...samples, histograms: earlier });
    },
  };
}
