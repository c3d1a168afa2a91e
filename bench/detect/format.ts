/**
 * One series of a case: a sample at `t` (unix seconds, ascending) covers `(t − interval, t]`; NaN
 * where the value is unknown.
 */
export interface RawSeries {
  readonly service: string;
  readonly signal: string;
  readonly t: Float64Array;
  readonly v: Float64Array;
  /** Caller and callee, for what a caller saw. */
  readonly edge?: readonly [string, string];
  readonly reporter?: string;
}

/**
 * What is known of a case without its telemetry: enough to know what else is to be judged like it.
 */
export interface CaseHead {
  readonly id: string;
  /**
   * Seconds between two samples as they were found; `interval_s` of the file where that is no
   * smaller.
   */
  readonly stepS: number;
  readonly t0: number | null;
  readonly fault: { readonly kind: string; readonly service: string } | null;
  /** When the first and the last sample was taken, unix seconds. */
  readonly firstS: number;
  readonly lastS: number;
  readonly edges: readonly (readonly [string, string])[];
  readonly masked: readonly (readonly [number, number])[];
  readonly controlKind: string;
  /** What was not taken as it stands, one sentence each. */
  readonly notes: readonly string[];
  /** Why nothing of it can be judged. */
  readonly why?: string;
}

/**
 * A case file: telemetry around one fault, or around a quiet moment. Only the series that the judge
 * has a use for are kept.
 */
export interface RawCase extends CaseHead {
  readonly series: readonly RawSeries[];
}

/** A quiet moment with the geometry of the fault case `like`. */
export interface RawPlacebo {
  readonly id: string;
  readonly set: string;
  readonly record: string;
  readonly t0: number;
  readonly like: string;
}
