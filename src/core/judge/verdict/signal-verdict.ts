import type { MinimumEffect } from "../../model/policy.ts";
import type { Grid } from "../../model/series.ts";
import type { SignalVerdict, Verdict } from "../../model/verdict.ts";
import { effectOf } from "../course/effect.ts";
import { criticalV } from "../history/critical.ts";
import { knownDetectable } from "../history/known-detectable.ts";
import { poolKey } from "../history/nulls.ts";
import { LARGEST_UNSEEN } from "../input/constants.ts";
import { sumKnown } from "../input/masked.ts";
import type { Nulls } from "../input/nulls.ts";
import type { ShareTrack, Track } from "../input/track.ts";
import { spanLength, type Windows } from "../input/windows.ts";
import type { CommonSwings } from "../window/common-swing.ts";
import { minimumDetectable } from "../window/detectable.ts";
import { measure, oddsOfRatio, strongestBlock } from "../window/measure.ts";
import { meterOf } from "../window/meter.ts";
import { shareBaseline, timesOdds } from "../window/share-deviate.ts";
import type { Surroundings } from "./confounding.ts";
import { courseOf } from "./course.ts";
import type { Discoveries } from "./discover.ts";
import { distanceOf, exceedsMinimum, withDoubtOf } from "./legal.ts";
import { DEVIATES_PER_SPREAD, type SignalTest } from "./signal-tests.ts";
import { notToldFromChance, tooLittleToTell, whyBeginningUnseen, whyNotJudged } from "./why-not.ts";

export interface SignalContext {
  readonly grid: Grid;
  readonly windows: Windows;
  readonly t0Ms: number;
  readonly effect: MinimumEffect;
  readonly discoveries: Discoveries;
  readonly learning: boolean;
  readonly cutShort: string | null;
  readonly nulls: Nulls | null;
  readonly common: CommonSwings;
  readonly around: Surroundings;
  /** It was found before the observation was extended. */
  readonly foundBefore: boolean;
}

/** Highest first; tests that were not made last. */
const byZ = (a: SignalTest, b: SignalTest): number => (b.z ?? -Infinity) - (a.z ?? -Infinity) || 0;

function requestsOf(track: Track, windows: Windows): SignalVerdict["requests"] {
  const n = track.form === "share" ? track.rows[0]!.n : track.form === "rate" ? track.n : null;
  return { before: n === null ? 0 : sumKnown(n, windows.before), after: n === null ? 0 : sumKnown(n, windows.after) };
}

/**
 * One verdict from all tests of one signal of one service (several when latency comes as
 * quantiles).
 */
export function signalVerdict(tests: readonly SignalTest[], context: SignalContext): SignalVerdict {
  const sorted = [...tests].sort(byZ);
  const top = sorted[0]!;
  const found =
    sorted.find(context.discoveries.isFound) ?? (context.foundBefore ? strongestOf(top, context) : undefined);
  const z = top.z !== null && Number.isFinite(top.z) ? top.z : null;
  const base = {
    service: top.track.service,
    signal: top.track.signal,
    z,
    p: top.p === null ? null : Math.min(1, top.p * sorted.filter((t) => t.p !== null).length),
    learning: context.learning,
    starved: false,
    requests: requestsOf(top.track, context.windows),
  };
  return found === undefined
    ? { ...base, ...notFound(top, context) }
    : { ...base, ...degraded(found, sorted, context) };
}

/**
 * A test with the strongest stretch of the whole time after t0: the window in which it was found
 * may lie behind the late one by now.
 */
function strongestOf(test: SignalTest, { windows, effect, common }: SignalContext): SignalTest {
  const { track, known } = test;
  const { before, after } = windows;
  if (known === null || track.form === "quantile") {
    const { block, row } = measure(track, before, after, "early", effect, common);
    return { ...test, block, row };
  }
  return { ...test, ...strongestBlock(track, before, after, "early", known) };
}

type Outcome = Pick<SignalVerdict, "verdict" | "effect" | "onsetMs" | "minimumDetectable" | "comingBack">;

function degraded(found: SignalTest, tests: readonly SignalTest[], context: SignalContext): Outcome {
  const { windows, grid, effect } = context;
  const { track, row } = found;
  const meter = meterOf(track, row, windows.before, effect, found.known);
  const lateFound = tests.some((t) => t.part === "late" && t.track === track && context.discoveries.isFound(t));
  const confounded = context.around.whyConfounded(track.service, track.signal, found.z ?? 0);
  const course = courseOf({ grid, windows, t0Ms: context.t0Ms, meter, found, lateFound });
  const stretch = course.verdict.kind === "persistent" ? windows.late : found.block;
  const told = {
    ...course,
    effect: effectOf(track, row, { windows, stretch, grid, effect }),
    minimumDetectable: null,
  };
  if (confounded === null) return told;
  const detail = `It got worse, but ${confounded}: run it again.`;
  return { ...told, verdict: { kind: "inconclusive", why: "confounded", detail } };
}

function notFound(top: SignalTest, context: SignalContext): Outcome {
  const { windows, grid, effect } = context;
  const { track } = top;
  const none = { effect: null, onsetMs: null, minimumDetectable: null };
  const why = whyNotJudged(track, windows);
  if (why !== null) return { ...none, verdict: why };
  const seen = smallestSeen(top, context);
  const counted = effectOf(track, seen.row, { windows, stretch: windows.after, grid, effect });
  const measured = counted === null ? null : withDoubtOf(counted, track.signal, top.p);
  // A change that was seen and not found shows that one of its size can be missed.
  const missed = measured === null ? 0 : distanceOf(measured, track.signal).point;
  const detectable = seen.change === null ? null : Math.max(seen.change, missed);
  const outcome = { ...none, effect: measured, minimumDetectable: detectable };
  if (context.cutShort !== null) {
    const detail = `${context.cutShort}; nothing was found until then.`;
    return { ...outcome, verdict: { kind: "inconclusive", why: "cut-short", detail } };
  }
  const missedTooMuch = seen.isEnough(seen.change) && !seen.isEnough(detectable);
  if (missedTooMuch || exceedsMinimum(measured, track.signal, effect)) {
    return { ...outcome, verdict: notToldFromChance(context.learning) };
  }
  const verdict: Verdict = seen.isEnough(detectable)
    ? (whyBeginningUnseen(track, windows) ?? { kind: "steady" })
    : tooLittleToTell(track, detectable, windows, context.learning);
  return { ...outcome, verdict };
}

function detectableAt(
  top: SignalTest,
  row: number,
  { discoveries, windows, effect, nulls, common }: SignalContext,
): number | null {
  const { track, known } = top;
  const { before, early } = windows;
  if (known === null || nulls === null || track.form === "quantile") {
    // A short silence is not enough without history: what would be seen of a rate is what lasts.
    const after = track.form === "rate" && spanLength(windows.late) > 0 ? windows.after : early;
    return minimumDetectable(
      track,
      row,
      before,
      after,
      discoveries.criticalZ(top) * (top.widened ?? 1),
      effect,
      common,
    );
  }
  const reach = (component: "shift" | "scan") => {
    const one = known.components[component]!;
    // Half of it: scan and shift share one p.
    const v = criticalV(one, nulls.pools.get(poolKey(known.signal, component))!, discoveries.criticalP(top) / 2);
    const spread = one.spread * top.noise;
    return v === null ? null : { score: one.median + spread * v, deviate: spread / DEVIATES_PER_SPREAD };
  };
  return knownDetectable(
    track,
    row,
    before,
    early,
    known,
    { shift: reach("shift"), scan: reach("scan"), z: discoveries.selectiveZ },
    effect,
  );
}

/** The smallest change that would have been found, and at which latency bound. */
interface Seen {
  readonly change: number | null;
  readonly row: number;
  /** Whether a smallest change is small enough for *steady*. */
  isEnough(change: number | null): boolean;
}

const atMost =
  (limit: number) =>
  (change: number | null): boolean =>
    change !== null && change <= limit;

function smallestSeen(top: SignalTest, context: SignalContext): Seen {
  const { effect } = context;
  const { track } = top;
  const seen = (row: number) => detectableAt(top, row, context);
  switch (track.form) {
    case "rate": {
      const most = context.learning ? LARGEST_UNSEEN.rateFallLearning : LARGEST_UNSEEN.rateFall;
      return { change: seen(0), row: 0, isEnough: atMost(Math.max(most, effect.rateFall)) };
    }
    case "quantile": {
      const rise = seen(0);
      const most = Math.max(LARGEST_UNSEEN.latencyRatio, effect.latencyRatio);
      return { change: rise === null ? null : Math.exp(rise) - 1, row: 0, isEnough: atMost(most - 1) };
    }
    case "share": {
      if (track.signal === "latency") return smallestSlow(track, top, context);
      return { change: seen(0), row: 0, isEnough: atMost(Math.max(LARGEST_UNSEEN.failureShare, effect.failureShare)) };
    }
  }
}

/** For buckets: which bound would have shown the smallest change of latency. */
function smallestSlow(track: ShareTrack, top: SignalTest, context: SignalContext): Seen {
  const odds = (p: number): number => p / (1 - p);
  let best = { change: null as number | null, row: 0, share: 0.5, ratio: Number.POSITIVE_INFINITY };
  track.rows.forEach((series, row) => {
    const change = detectableAt(top, row, context);
    if (change === null) return;
    const { share } = shareBaseline(series, context.windows.before, top.known?.longRuns[row] ?? null);
    const ratio = odds(Math.min(share + change, 1 - 1e-7)) / odds(share);
    if (ratio < best.ratio) best = { change, row, share, ratio };
  });
  const most = oddsOfRatio(Math.max(LARGEST_UNSEEN.latencyRatio, context.effect.latencyRatio));
  return { change: best.change, row: best.row, isEnough: atMost(timesOdds(best.share, most) - best.share) };
}
