/** A stretch of time in which an experiment ran, as a chart shows it. */
export interface Annotation {
  readonly experimentId: string;
  readonly fromMs: number;
  /** Null: it is not over. */
  readonly toMs: number | null;
  /** Plain text; whoever shows it escapes it. */
  readonly text: string;
  /** Address of the experiment's page, or null. */
  readonly link: string | null;
  /**
   * What it can be found by besides the experiment: `fault:pod-delete`. The first are the most
   * important.
   */
  readonly tags: readonly string[];
}

/**
 * Where annotations are kept. Every method rejects with `notify-failed`, retryable or not, and
 * never with a secret in it.
 */
export interface Annotator {
  /** The number of this experiment's annotation, or null when there is none. */
  find(annotation: Annotation, signal: AbortSignal): Promise<number | null>;
  /**
   * Answers the number of the new one. An answer that is lost may leave one behind: `find` first.
   */
  add(annotation: Annotation, signal: AbortSignal): Promise<number>;
  change(number: number, annotation: Annotation, signal: AbortSignal): Promise<void>;
}
