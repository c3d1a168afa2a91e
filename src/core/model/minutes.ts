import type { ServiceId } from "./cluster.ts";
import type { Signal } from "./verdict.ts";

/** Something that can get worse: one signal of one service. */
export interface TestKey {
  readonly service: ServiceId;
  readonly signal: Signal;
}

/**
 * How bad things looked at the minutes from which an instant was drawn, so that experiments can be
 * put together later (judge.md §2.6). Which minute scored what does not matter for that, so only
 * how many of them reached each level is kept.
 */
export interface MinuteScores {
  /** Null in a sham: the worst of everything that has to do with the target, at each minute. */
  readonly test: TestKey | null;
  /** Minutes on level 0, 1, 2 …; without the empty levels at the end. */
  readonly counts: readonly number[];
  /** The level of the minute that was drawn; it is counted, too. */
  readonly drawn: number;
}
