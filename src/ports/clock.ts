/** The only source of time. The demo's clock runs faster; nothing else knows. */
export interface Clock {
  /** Milliseconds since the epoch. It may be set, forward or back, at any moment. */
  nowMs(): number;
  /**
   * Milliseconds of this clock since some moment, by a counter that nobody sets: for how long
   * something lasts.
   */
  monotonicMs(): number;
  /** The same in real time, whatever the speed of this clock: for how long a request took. */
  realMs(): number;
  /**
   * Resolves after `ms` of this clock's time, by the counter; rejects with the signal's reason when
   * aborted first.
   */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
