/** For how long what is kept, ms. What is open is kept whole, however old it is. */
export interface Retention {
  /**
   * What experiments saw: counts, snapshots of the cluster, calls. Without it an experiment has no
   * charts and cannot be replayed.
   */
  readonly seenMs: number;
  /** Verdicts on services that did not get worse and had nothing to do with the experiment. */
  readonly detailsMs: number;
  /** The rest of the journal. */
  readonly journalMs: number;
}
