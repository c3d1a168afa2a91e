import type { Critical, SignalTest } from "../engine/engine.ts";
import { largestUnseenRatio, limitsOf, oddsOfRatio, timesOdds } from "../engine/minimum-effect.ts";
import { LARGEST_UNSEEN } from "../input/constants.ts";
import type { ShareTrack } from "../input/track.ts";

/** The smallest change that would have been found, and at which latency bound. */
export interface Seen {
  readonly change: number | null;
  readonly row: number;
  /** Whether a smallest change is small enough for *steady*. */
  isEnough(change: number | null): boolean;
}

const atMost =
  (limit: number) =>
  (change: number | null): boolean =>
    change !== null && change <= limit;

/** What a test would have seen (judge.md §2.10). */
export function smallestSeen(test: SignalTest, critical: Critical, learning: boolean): Seen {
  const { track, effect } = test.engine.comparison;
  const seen = (row: number) => test.engine.detectable(test, row, critical);
  switch (track.form) {
    case "rate": {
      const most = learning
        ? Math.max(LARGEST_UNSEEN.rateFallLearning, effect.rateFall)
        : limitsOf("fall", effect).largestUnseen;
      return { change: seen(0), row: 0, isEnough: atMost(most) };
    }
    case "quantile": {
      const rise = seen(0);
      const isEnough = atMost(largestUnseenRatio(effect) - 1);
      return { change: rise === null ? null : Math.exp(rise) - 1, row: 0, isEnough };
    }
    case "share": {
      if (track.signal === "latency") return smallestSlow(test, track, critical);
      return { change: seen(0), row: 0, isEnough: atMost(limitsOf("share", effect).largestUnseen) };
    }
  }
}

/** For buckets: which bound would have shown the smallest change of latency. */
function smallestSlow(test: SignalTest, track: ShareTrack, critical: Critical): Seen {
  const { engine } = test;
  const odds = (p: number): number => p / (1 - p);
  let best = { change: null as number | null, row: 0, share: 0.5, ratio: Number.POSITIVE_INFINITY };
  track.rows.forEach((_, row) => {
    const share = engine.meter(row).before;
    // Most bounds show less than the best one so far: one look at it tells.
    const most = Number.isFinite(best.ratio) ? timesOdds(share, best.ratio) - share : undefined;
    const change = engine.detectable(test, row, most === undefined ? critical : { ...critical, most });
    if (change === null) return;
    const ratio = odds(Math.min(share + change, 1 - 1e-7)) / odds(share);
    if (ratio < best.ratio) best = { change, row, share, ratio };
  });
  const most = oddsOfRatio(largestUnseenRatio(engine.comparison.effect));
  return { change: best.change, row: best.row, isEnough: atMost(timesOdds(best.share, most) - best.share) };
}
