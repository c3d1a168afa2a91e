/** A figure with its confidence interval at `level` (0…1). */
export interface Interval {
  readonly point: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
}
