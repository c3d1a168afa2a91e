import type { Effect, SignalVerdict, Verdict } from "../../model/verdict.ts";
import { courseOf } from "../course/course.ts";
import { effectOf } from "../course/effect.ts";
import { type SignalTest, trackOf } from "../engine/engine.ts";
import type { JudgeInput } from "../input/input.ts";
import { sumKnown } from "../input/masked.ts";
import type { Track } from "../input/track.ts";
import type { Windows } from "../input/windows.ts";
import type { Surroundings } from "./confounding.ts";
import type { Discoveries } from "./discover.ts";
import { distanceOf, exceedsMinimum, withDoubtOf } from "./legal.ts";
import { smallestSeen } from "./smallest-seen.ts";
import { notToldFromChance, tooLittleToTell, whyBeginningUnseen, whyNotJudged } from "./why-not.ts";

/** What stands around one signal's tests. */
export interface VerdictContext {
  readonly input: Pick<JudgeInput, "t0Ms" | "cutShort">;
  readonly discoveries: Discoveries;
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
export function signalVerdict(tests: readonly SignalTest[], context: VerdictContext): SignalVerdict {
  const sorted = [...tests].sort(byZ);
  const top = sorted[0]!;
  const found = sorted.find(context.discoveries.isFound) ?? (context.foundBefore ? withStrongest(top) : undefined);
  const { track, windows } = top.engine.comparison;
  const learning = tests[0]!.engine.learning;
  const base = {
    service: track.service,
    signal: track.signal,
    z: top.z !== null && Number.isFinite(top.z) ? top.z : null,
    p: top.p === null ? null : Math.min(1, top.p * sorted.filter((t) => t.p !== null).length),
    learning,
    starved: false,
    requests: requestsOf(track, windows),
  };
  return found === undefined
    ? { ...base, ...notFound(top, learning, context) }
    : { ...base, ...degraded(found, sorted, context) };
}

/**
 * A test with the strongest stretch of the whole time after t0: the window in which it was found
 * may lie behind the late one by now.
 */
function withStrongest(test: SignalTest): SignalTest {
  const { block, row } = test.engine.strongest();
  return { ...test, block, row };
}

type Outcome = Pick<SignalVerdict, "verdict" | "effect" | "onsetMs" | "minimumDetectable" | "comingBack">;

function degraded(found: SignalTest, tests: readonly SignalTest[], context: VerdictContext): Outcome {
  const { comparison } = found.engine;
  const { track, windows } = comparison;
  const lateFound = tests.some((t) => t.part === "late" && trackOf(t) === track && context.discoveries.isFound(t));
  const confounded = context.around.whyConfounded(track.service, track.signal, found.z ?? 0);
  const course = courseOf({ t0Ms: context.input.t0Ms, found, lateFound });
  const stretch = course.verdict.kind === "persistent" ? windows.late : found.block;
  const told = { ...course, effect: effectOf(comparison, found.row, stretch), minimumDetectable: null };
  if (confounded === null) return told;
  const detail = `It got worse, but ${confounded}: run it again.`;
  return { ...told, verdict: { kind: "inconclusive", why: "confounded", detail } };
}

function notFound(top: SignalTest, learning: boolean, { input, discoveries }: VerdictContext): Outcome {
  const { comparison } = top.engine;
  const { track, windows, effect } = comparison;
  const none = { effect: null, onsetMs: null, minimumDetectable: null };
  const why = whyNotJudged(track, windows);
  if (why !== null) return { ...none, verdict: why };
  const seen = smallestSeen(top, discoveries.criticalOf(top), learning);
  const measured = measuredAfter(top, seen.row);
  // A change that was seen and not found shows that one of its size can be missed.
  const missed = measured === null ? 0 : distanceOf(measured, track.signal).point;
  const detectable = seen.change === null ? null : Math.max(seen.change, missed);
  const outcome = { ...none, effect: measured, minimumDetectable: detectable };
  const { cutShort } = input;
  if (cutShort !== undefined && cutShort !== null) {
    const detail = `${cutShort}; nothing was found until then.`;
    return { ...outcome, verdict: { kind: "inconclusive", why: "cut-short", detail } };
  }
  const missedTooMuch = seen.isEnough(seen.change) && !seen.isEnough(detectable);
  if (missedTooMuch || exceedsMinimum(measured, track.signal, effect)) {
    return { ...outcome, verdict: notToldFromChance(learning) };
  }
  const verdict: Verdict = seen.isEnough(detectable)
    ? (whyBeginningUnseen(track, windows) ?? { kind: "steady" })
    : tooLittleToTell(track, detectable, windows, learning);
  return { ...outcome, verdict };
}

/** The effect over all of the time after, with as much doubt as its test left. */
function measuredAfter({ engine: { comparison }, p }: SignalTest, row: number): Effect | null {
  const counted = effectOf(comparison, row, comparison.windows.after);
  return counted === null ? null : withDoubtOf(counted, comparison.track.signal, p);
}
