/** One series of a case: a sample at `t` (unix seconds) covers `(t − interval, t]`. */
export interface RawSeries {
  readonly service: string;
  readonly signal: string;
  readonly t: readonly number[];
  readonly v: readonly (number | null)[];
  /** Caller and callee, for what a caller saw. */
  readonly edge?: readonly [string, string];
  readonly reporter?: string;
}

/** A case file: telemetry around one fault, or around a quiet moment. */
export interface RawCase {
  readonly id: string;
  readonly interval_s: number;
  readonly t0: number | null;
  readonly fault: { readonly kind: string; readonly service: string } | null;
  readonly series: readonly RawSeries[];
  readonly meta: {
    readonly edges?: readonly (readonly [string, string])[];
    readonly masked?: readonly (readonly [number, number])[];
    readonly pseudo_t0?: number;
    readonly control_kind?: string;
  };
  /** Why nothing of it could be read. */
  readonly why?: string;
}

/** A quiet moment with the geometry of the fault case `like`. */
export interface RawPlacebo {
  readonly id: string;
  readonly set: string;
  readonly record: string;
  readonly t0: number;
  readonly like: string;
}
