/** Shares of the steps before and after that must be known for history to decide: judge.md §2.1. */
const KNOWN_BEFORE = 2 / 3;
const KNOWN_AFTER = 4 / 5;

/** Is enough known of so many steps before and after, for a test against history or a placebo? */
export const isCovered = (knownBefore: number, before: number, knownAfter: number, after: number): boolean =>
  knownBefore >= KNOWN_BEFORE * Math.max(before, 1) && knownAfter >= KNOWN_AFTER * Math.max(after, 1);
