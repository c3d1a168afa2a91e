/** What stands beside the data of an answer. */
export interface Beside {
  readonly warnings: readonly string[];
  /**
   * VictoriaMetrics says so when a storage node did not answer:
   * https://docs.victoriametrics.com/victoriametrics/cluster-victoriametrics/#cluster-availability
   */
  readonly isPartial: boolean;
}

/**
 * Infos stand in `infos` since Prometheus 3 and among the warnings before; none of them leaves out
 * a sample that was asked for.
 */
const INFO = /^PromQL info: /;

/**
 * Warnings of the query language that tell of the query, not of missing data. What mixes histograms
 * with floats or with other buckets is not among them: those rows are left out of the answer.
 * https://github.com/prometheus/prometheus/blob/main/util/annotations/annotations.go
 */
const HARMLESS_WARNINGS: readonly RegExp[] = [
  /^PromQL warning: ratio value should be between -1 and 1/,
  /^PromQL warning: quantile value should be between 0 and 1/,
  /^PromQL warning: range too short; does not contain enough samples to extrapolate rate/,
  /^PromQL warning: this native histogram metric is not a counter:/,
  /^PromQL warning: this native histogram metric is not a gauge:/,
];

/**
 * What the server says of data that is missing in its answer, or null when the answer is complete.
 * Thanos, Mimir and remote reads tell of storage that did not answer in warnings of any wording, so
 * that a warning that is not known to be harmless means loss.
 */
export function whatIsLost({ warnings, isPartial }: Beside): string | null {
  const told = warnings.filter((text) => !isHarmless(text));
  if (told.length > 0) return told.join("; ");
  return isPartial ? "it says isPartial" : null;
}

const isHarmless = (text: string): boolean => INFO.test(text) || HARMLESS_WARNINGS.some((known) => known.test(text));

/** Warnings and mark of a parsed answer; `data` is where some servers put the mark. */
export function besideOf(answer: Readonly<Record<string, unknown>>): Beside {
  const { warnings, isPartial, data } = answer;
  const inner = (data as { isPartial?: unknown } | null | undefined)?.isPartial;
  return { warnings: textsOf(warnings), isPartial: isPartial === true || inner === true };
}

function textsOf(warnings: unknown): readonly string[] {
  if (Array.isArray(warnings)) return warnings.map(String);
  return warnings === undefined || warnings === null ? [] : [String(warnings)];
}
