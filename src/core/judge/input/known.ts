/**
 * What is known of a service beyond the window; absent in the short-window judge, which takes both
 * from the window itself.
 */
export interface LongRun {
  /** Share over the whole history. */
  readonly share: number;
  /** Correlation inside a step. */
  readonly rho: number;
  /** Successes and trials that the share rests on. */
  readonly k: number;
  readonly n: number;
}

/** What a day of history or more says of one signal of one service. */
export interface Known {
  /** One a row of a share; empty for rates. */
  readonly longRuns: readonly LongRun[];
  /** Squared relative swing of a rate; 0 for shares. */
  readonly nu: number;
}
