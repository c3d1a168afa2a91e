import type { MinimumEffect } from "../../model/policy.ts";
import type { Grid } from "../../model/series.ts";
import type { QuantileTrack, RateTrack, ShareTrack, Track } from "../input/track.ts";
import { spanLength, type Windows } from "../input/windows.ts";
import { type RateBefore, rateSeenBefore } from "./rate-before.ts";
import { type ShareBefore, shareSeenBefore } from "./share-before.ts";

/**
 * Which window is tested: `early` may be a burst or a shift, `late` and `after` (all of it) must be
 * a shift, because what matters there is that it lasts.
 */
export type Part = "early" | "late" | "after";

/** The parts after t0 that an observation reaches to. */
export const partsOf = ({ late }: Windows): readonly Part[] => (spanLength(late) > 0 ? ["early", "late"] : ["early"]);

/** Over what signals are compared, and what matters. */
export interface Around {
  readonly windows: Windows;
  readonly grid: Grid;
  readonly effect: MinimumEffect;
}

export interface ShareComparison extends Around {
  readonly form: "share";
  readonly track: ShareTrack;
  /** What the steps before were like, for latency at bound `row`. */
  seen(row: number): ShareBefore;
}
export interface RateComparison extends Around {
  readonly form: "rate";
  readonly track: RateTrack;
  /** What the steps before were like. */
  seen(): RateBefore;
}
export interface QuantileComparison extends Around {
  readonly form: "quantile";
  readonly track: QuantileTrack;
}
/**
 * One signal of one service, the steps before t0, and those after that are held against them.
 * Tests, intervals and promises all ask what the steps before were like; it is worked out once.
 */
export type Comparison = ShareComparison | RateComparison | QuantileComparison;

export function comparisonOf(track: Track, { windows, grid, effect }: Around): Comparison {
  const around = { windows, grid, effect };
  switch (track.form) {
    case "share":
      return shareComparison(track, around);
    case "rate":
      return rateComparison(track, around);
    case "quantile":
      return { ...around, form: "quantile", track };
  }
}

function shareComparison(track: ShareTrack, around: Around): ShareComparison {
  const known: ShareBefore[] = [];
  const seen = (row: number): ShareBefore => {
    known[row] ??= shareSeenBefore(track.rows[row]!, around.windows.before);
    return known[row];
  };
  return { ...around, form: "share", track, seen };
}

function rateComparison(track: RateTrack, around: Around): RateComparison {
  let known: RateBefore | null = null;
  const seen = (): RateBefore => {
    known ??= rateSeenBefore(track.n, around.windows.before);
    return known;
  };
  return { ...around, form: "rate", track, seen };
}
