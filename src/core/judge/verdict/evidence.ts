import type { MinimumEffect } from "../../model/policy.ts";
import { signedRootBinomial } from "../../stats/signed-root.ts";
import { sumKnown } from "../input/masked.ts";
import type { ShareTrack } from "../input/track.ts";
import type { Windows } from "../input/windows.ts";
import { measure } from "../window/measure.ts";
import { countsOf } from "../window/share-before.ts";
import type { SignalTest } from "./signal-tests.ts";

/**
 * How far a test's window stands out of the steps before it, in deviates that can be compared
 * between a caller and its callee; 0 when the window alone cannot tell. Whether a change is real is
 * asked elsewhere: a service that never failed in a week, or not in these few steps, stands out
 * more of its past than the one it calls, which failed now and then. So shares are compared by
 * their counts, without any swing, and nothing is taken from the history.
 */
export function ownDeviate({ track, part, row, block }: SignalTest, windows: Windows, effect: MinimumEffect): number {
  if (track.form === "share") return ownRoot(track, row, windows, block);
  return Math.max(measure(track, windows.before, windows[part], part, effect, new Map()).z ?? 0, 0);
}

/**
 * Signed root of the deviance of the strongest stretch against the share before, half a hit added.
 */
function ownRoot(track: ShareTrack, row: number, { before }: Windows, block: SignalTest["block"]): number {
  const series = track.rows[row]!;
  const { k, n } = countsOf(series, before);
  return Math.max(signedRootBinomial(sumKnown(series.k, block), sumKnown(series.n, block), (k + 0.5) / (n + 1)), 0);
}
