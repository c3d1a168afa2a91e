import type { ServiceId } from "../../model/cluster.ts";

/**
 * A latency quantile a step, for data that has no buckets (judge.md §2.16 step 2). Buckets are
 * better in every way: never make this from them.
 */
export interface QuantileSeries {
  readonly service: ServiceId;
  /** What it is, to tell series of one service apart: `latency_p90`, `p50 seen by cart`. */
  readonly label: string;
  /** 0…1 */
  readonly quantile: number;
  /** ms a step on the observation's grid; NaN where nothing was measured. */
  readonly values: Float64Array;
  /**
   * Requests a step behind the quantile: of the service, and of the caller when it is what that
   * caller saw (the smaller one counts).
   */
  readonly requests: readonly Float64Array[];
}
