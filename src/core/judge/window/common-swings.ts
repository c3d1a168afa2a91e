import type { Signal } from "../../model/verdict.ts";
import { unbiasedLag1, varianceLeft } from "../../stats/autocorrelation.ts";
import { type SwingMoments, swingMoments } from "../../stats/swing-moments.ts";
import type { CommonSwing } from "../engine/common-swing.ts";
import { MOST_SWING } from "../engine/rate-before.ts";
import { FAILURE_SWING_FLOOR, FEWEST_NEIGHBOURS, RATE_SWING_FLOOR } from "../input/constants.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import { knownBy, type Track } from "../input/track.ts";
import { type Span, spanLength } from "../input/windows.ts";

/** By signal; latency, whose services differ too much from each other, has none. */
export type CommonSwings = ReadonlyMap<Signal, CommonSwing>;

/** What each signal's services do together in the steps `before`. */
export function commonSwings(tracks: readonly Track[], before: Span): CommonSwings {
  const bySignal = Map.groupBy(tracks, (t) => t.signal);
  const common = new Map<Signal, CommonSwing>();
  for (const [signal, of] of bySignal) {
    if (signal !== "latency") common.set(signal, commonSwing(of, before));
  }
  return common;
}

/**
 * Mean over the services, each with the weight of what its steps can tell: the squared part of
 * their variance that would be swing if the signal swung by its floor. The steps' own means took a
 * part of slow swings along, which is given back.
 */
function commonSwing(tracks: readonly Track[], before: Span): CommonSwing {
  let [weights, swing, shared] = [0, 0, 0];
  for (const track of tracks) {
    const own = momentsOf(track, before);
    if (own === null) continue;
    weights += own.weight;
    swing += own.weight * Math.min(own.swing, MOST_SWING);
    shared += own.weight * Math.min(own.shared, MOST_SWING);
  }
  if (!(swing > 0)) return { swing: 0, lag1: 0 };
  const steps = spanLength(before);
  const lag1 = unbiasedLag1(Math.min(shared / swing, 1), steps);
  return { swing: swing / weights / varianceLeft(steps, lag1), lag1 };
}

function momentsOf(track: Track, before: Span): (SwingMoments & { weight: number }) | null {
  if (track.form === "quantile" || knownSteps(knownBy(track), before) < FEWEST_NEIGHBOURS) return null;
  const cut = (values: Float64Array): Float64Array => values.subarray(before.from, before.to);
  const [counts, trials] = track.form === "rate" ? [track.n, null] : [track.rows[0]!.k, track.rows[0]!.n];
  const steps = knownSteps(counts, before);
  const mean = sumKnown(counts, before) / steps;
  if (!(mean > 0)) return null;
  const share = trials === null ? 0 : sumKnown(counts, before) / sumKnown(trials, before);
  const expected =
    trials === null ? new Float64Array(spanLength(before)).fill(mean) : cut(trials).map((n) => n * share);
  const told = mean * (track.form === "rate" ? RATE_SWING_FLOOR : FAILURE_SWING_FLOOR);
  return { ...swingMoments(cut(counts), expected, 1 - share), weight: (told / (1 + told)) ** 2 };
}
