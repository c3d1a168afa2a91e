import type { Fate } from "./fate.ts";
import { troubleName } from "./fate.ts";

/** What is counted, for all together and for each fault and trouble. */
export const COUNTS = [
  "kill_points",
  "double_injections",
  "lost_experiments",
  "left_behind",
  "unresolved",
  "troubles",
  "clock_jumps",
  "contests",
  "workers",
] as const;
export type Count = (typeof COUNTS)[number];
export type Counts = Record<Count, number>;

/**
 * Broken promises; `unresolved`: an intent without an outcome, an outcome that the cluster did not
 * see, a journal that replays to another state.
 */
export const BROKEN = ["double_injections", "lost_experiments", "left_behind", "unresolved"] as const;
export type Broken = (typeof BROKEN)[number];

/** A broken promise, with all that is needed to see it alone. */
export interface Problem {
  readonly broken: Broken;
  readonly what: string;
  readonly experiment: string;
  readonly seed: number;
  /** Name of the point at which the worker was killed, or null. */
  readonly point: string | null;
  /** Arguments of `npm run test:chaos --` that play this life again. */
  readonly replay: string;
  /** The experiment's journal as it was found. */
  readonly journal: readonly unknown[];
}

/** What a run of the harness found on one storage. */
export interface Tally extends Counts {
  readonly by_fault: Record<string, Counts>;
  /** By what went wrong beside the kill; `none`: nothing. */
  readonly by_trouble: Record<string, Counts>;
  readonly problems: Problem[];
}

const zeros = (): Counts => Object.fromEntries(COUNTS.map((key) => [key, 0])) as Counts;

export const emptyTally = (): Tally => ({ ...zeros(), by_fault: {}, by_trouble: {}, problems: [] });

/** Counts one more of `key`, in all the sums that it belongs to. */
export function count(tally: Tally, key: Count, fault: string, fate: Fate): void {
  tally[key] += 1;
  for (const [sums, name] of [
    [tally.by_fault, fault],
    [tally.by_trouble, troubleName(fate)],
  ] as const) {
    sums[name] ??= zeros();
    sums[name][key] += 1;
  }
}
