import type { Labels } from "./labels.ts";
import type { Matcher } from "./matchers.ts";

/**
 * Samples of one series in time order. `stale[i]` is 1 where a staleness marker stands instead of a
 * value; null when there is none.
 */
export interface SampleSeries {
  readonly labels: Labels;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly stale: Uint8Array | null;
}

/** Where queries find samples. */
export interface SampleStorage {
  /**
   * Series that satisfy every matcher, with their samples in `[fromMs, toMs]`; series without one
   * may be left out. One at a time: all together can be a lot.
   */
  select(matchers: readonly Matcher[], fromMs: number, toMs: number): Iterable<SampleSeries>;
}
