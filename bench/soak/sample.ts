/** How a soak is made. */
export interface SoakSpec {
  readonly storage: string;
  /** ms of the worker's clock in one real ms. */
  readonly speed: number;
  readonly seed: number;
  readonly story: string;
  readonly days: number;
  /** Between two samples, ms of the worker's clock. */
  readonly everyMs: number;
}

/** What the worker holds after a collection of garbage. */
export interface Sample {
  /** Since the start, on the worker's clock. */
  readonly day: number;
  /** Judged so far. */
  readonly experiments: number;
  readonly heapMib: number;
  readonly externalMib: number;
  readonly rssMib: number;
  /** Open sockets, timers, threads … */
  readonly handles: number;
  /** Events of experiments, verdicts, messages and complaints so far. */
  readonly seen: Readonly<Record<string, number>>;
}
