import type { LongRun } from "../window/share-deviate.ts";

/** What a day of history or more says of one signal of one service. */
export interface Known {
  /** One a row of a share; empty for rates. */
  readonly longRuns: readonly LongRun[];
  /** Squared relative swing of a rate; 0 for shares. */
  readonly nu: number;
}
