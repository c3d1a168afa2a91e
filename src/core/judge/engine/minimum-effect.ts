import type { MinimumEffect } from "../../model/policy.ts";
import type { Signal } from "../../model/verdict.ts";
import { FEWEST_SLOW, LARGEST_UNSEEN, LOG_ODDS_PER_LOG_LATENCY } from "../input/constants.ts";

/** Odds of being slower than a bound that a latency of `ratio` times makes. */
export const oddsOfRatio = (ratio: number): number => ratio ** LOG_ODDS_PER_LOG_LATENCY;

/**
 * The share that `odds` times the odds of `share` make: the null of a test with a minimum effect
 * inside it.
 */
export const timesOdds = (share: number, odds: number): number => (share * odds) / (1 - share + share * odds);

/** By how much a share must rise from what it was before to be worth telling (judge.md §2.8). */
export const leastRise = (signal: Signal, share: number, effect: MinimumEffect): number =>
  signal === "latency" ? timesOdds(share, oddsOfRatio(effect.latencyRatio)) - share : effect.failureShare;

/** How many requests must be hurt: failed, slow, or missing (judge.md §2.8). */
export function fewestHurt(signal: Signal, effect: MinimumEffect): number {
  if (signal === "latency") return FEWEST_SLOW;
  return signal === "rate" ? effect.missingRequests : effect.excessFailures;
}

/** The ratio of latency that must not stay unseen in anything called steady or back. */
export const largestUnseenRatio = (effect: MinimumEffect): number =>
  Math.max(LARGEST_UNSEEN.latencyRatio, effect.latencyRatio);

/** Distances from no change, in the unit of a meter. */
export interface Limits {
  /** Smallest distance worth telling. */
  readonly minimum: number;
  /** A distance that must not stay unseen in anything called steady or back. */
  readonly largestUnseen: number;
}

/** What a distance is told in: a share, ln odds of slow answers, a fall, a ln ratio of latency. */
export type Unit = "share" | "ln-odds" | "fall" | "ln-ratio";

/** The minimum effect, and the largest that may go unseen, in the unit of a meter. */
export function limitsOf(unit: Unit, effect: MinimumEffect): Limits {
  switch (unit) {
    case "share":
      return {
        minimum: effect.failureShare,
        largestUnseen: Math.max(LARGEST_UNSEEN.failureShare, effect.failureShare),
      };
    case "ln-odds":
      return {
        minimum: LOG_ODDS_PER_LOG_LATENCY * Math.log(effect.latencyRatio),
        largestUnseen: LOG_ODDS_PER_LOG_LATENCY * Math.log(largestUnseenRatio(effect)),
      };
    case "fall":
      return { minimum: effect.rateFall, largestUnseen: Math.max(LARGEST_UNSEEN.rateFall, effect.rateFall) };
    case "ln-ratio":
      return { minimum: Math.log(effect.latencyRatio), largestUnseen: Math.log(largestUnseenRatio(effect)) };
  }
}
