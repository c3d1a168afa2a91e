/** An alert that fires now. */
export interface FiringAlert {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Reads the alerts that the metrics source itself evaluates. */
export interface AlertSource {
  /**
   * Alerts that fire now and match `selector` (PromQL label matchers without braces; empty: all).
   * Rejects with `source-unavailable` or `source-refused`.
   */
  firing(selector: string, signal: AbortSignal): Promise<readonly FiringAlert[]>;
}
