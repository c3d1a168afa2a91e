/** One thing that was looked at. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  /** What was seen, or what is wrong and what to do next. */
  readonly says: string;
}
