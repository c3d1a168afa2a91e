import { DAY_MS, MINUTE_MS } from "../../model/units.ts";

/** Pseudo-requests by which the baseline share leans on the long-run share: judge.md §2.2 (κ). */
export const SHRINKAGE_REQUESTS = 50;
/** Fewer valid steps than this before or after: nothing is said (judge.md §2.0). */
export const FEWEST_STEPS = 3;
/** False discovery rate without a quiet record, and with one: judge.md §2.16 steps 5 and 6. */
export const Q_OWN_WINDOW = 0.01;
export const Q_WITH_RECORD = 0.05;
/** Placebo positions from which a quiet record counts: judge.md §2.0. */
export const FEWEST_PLACEBOS = 100;
/**
 * Placebo positions beyond which more change nothing: the history is strided to about this many.
 */
export const MOST_PLACEBOS = 1_000;
/**
 * History from which a service is known: below it verdicts are marked *learning* (judge.md §2.0).
 */
export const KNOWN_AFTER_MS = DAY_MS;
/**
 * History that ended longer ago than this says how wide a series swings, but not what is normal
 * now.
 */
export const STALE_AFTER_MS = DAY_MS;
/** Steps before from which it is asked how much neighbours resemble each other. */
export const FEWEST_NEIGHBOURS = 8;
/**
 * Failures come in clusters: the squared relative swing of their share is taken to be at least
 * this, however calm the few steps before were.
 */
export const FAILURE_SWING_FLOOR = 0.3;
/**
 * A rate's squared relative swing is taken to be at least this: traffic stops by itself (judge.md
 * §2.16 step 3).
 */
export const RATE_SWING_FLOOR = 0.1;
/**
 * ln odds of "slower than a bound" for each unit of ln latency. ×1.15 in latency is then odds ×1.5
 * at the bound, the two forms in which judge.md §2.8 states the same minimum effect.
 */
export const LOG_ODDS_PER_LOG_LATENCY = Math.log(1.5) / Math.log(1.15);
/** A rise in slow requests below this many is no effect, whatever its odds. */
export const FEWEST_SLOW = 3;
/**
 * Slow answers are *persistent* when the late window has at least so many in excess, and more than
 * before in at least this share of its steps. Measured on development seeds (bench:truth, seeds 4
 * and 9): of 381 real persistent rises one had fewer than five, and one was seen in fewer than half
 * of the steps; bursts that were over left at most two.
 */
export const PERSISTENT_SLOW = { fewest: 5, shareOfSteps: 0.5 } as const;
/**
 * What cannot be told from nothing is not called steady: share of failures, ratio of latency, fall
 * of the rate (judge.md §2.10).
 */
export const LARGEST_UNSEEN = {
  failureShare: 0.05,
  latencyRatio: 2,
  /** Slow answers, where they were so few that twice the latency is hardly any. */
  slowShare: 0.05,
  rateFall: 0.5,
  rateFallLearning: 0.9,
} as const;
/** Steps of a stretch in which it is asked how much a share varies by itself. */
export const VARIES_OVER_STEPS = 5;
/**
 * Back means back for this long, or for half the late window when that is shorter: judge.md §2.9.
 */
export const SUSTAINED_MS = 5 * MINUTE_MS;
/**
 * Above this the middle of a boxcar and the operational recovery disagree, and the latter is told:
 * judge.md §2.9.
 */
export const RECOVERY_DISAGREEMENT_MS = 2 * MINUTE_MS;
/** A deviate beyond which a service counts as evidence for where it began: judge.md §2.17. */
export const ORIGIN_EVIDENCE = 3;
