import type { ServiceId } from "../../model/cluster.ts";
import { medianOf } from "../../stats/quantile.ts";
import { signedRootBinomial } from "../../stats/signed-root.ts";
import type { ShareComparison } from "../engine/comparison.ts";
import { type SignalTest, trackOf } from "../engine/engine.ts";
import { shareCountsBefore } from "../engine/share-before.ts";
import { ORIGIN_EVIDENCE } from "../input/constants.ts";
import { sumKnown } from "../input/masked.ts";
import type { Question } from "../input/question.ts";
import type { Track } from "../input/track.ts";
import type { Span, Windows } from "../input/windows.ts";
import { measure } from "../window/measure.ts";
import { originOf } from "./origin.ts";

/**
 * How far a test's window stands out of the steps before it, in deviates that can be compared
 * between a caller and its callee; 0 when the window alone cannot tell. Whether a change is real is
 * asked elsewhere: a service that never failed in a week, or not in these few steps, stands out
 * more of its past than the one it calls, which failed now and then. So shares are compared by
 * their counts, without any swing, and nothing is taken from the history.
 */
export function ownDeviate({ engine: { comparison }, part, row, block }: SignalTest): number {
  if (comparison.form === "share") return ownRoot(comparison, row, block);
  return Math.max(measure(comparison, comparison.windows[part], part, new Map()).z ?? 0, 0);
}

/**
 * Signed root of the deviance of the strongest stretch against the share before, half a hit added.
 */
function ownRoot({ track, windows }: ShareComparison, row: number, block: Span): number {
  const series = track.rows[row]!;
  const { k, n } = shareCountsBefore(series, windows.before);
  return Math.max(signedRootBinomial(sumKnown(series.k, block), sumKnown(series.n, block), (k + 0.5) / (n + 1)), 0);
}

/** The service in which it began, by the evidence of all tests; null when nobody stands out. */
export function originAmong(tests: readonly SignalTest[], { tracks, windows, graph }: Question): ServiceId | null {
  const evidence = tests.flatMap((test) => {
    const { service, signal } = trackOf(test);
    if (test.z === null || test.z <= ORIGIN_EVIDENCE) return [];
    return [{ service, signal, z: test.z, own: ownDeviate(test) }];
  });
  return originOf(evidence, graph, trafficRatios(tracks, windows));
}

/** Median requests a step in the early window ÷ before, by service, where both are known. */
function trafficRatios(tracks: readonly Track[], windows: Windows): Map<ServiceId, number> {
  const ratios = new Map<ServiceId, number>();
  for (const track of tracks) {
    if (track.form !== "rate") continue;
    const median = (span: Span) => medianOf(track.n.subarray(span.from, span.to));
    const ratio = median(windows.early) / median(windows.before);
    if (Number.isFinite(ratio)) ratios.set(track.service, ratio);
  }
  return ratios;
}
