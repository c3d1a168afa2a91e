import type { ServiceId } from "../../model/cluster.ts";
import type { MinimumEffect } from "../../model/policy.ts";
import type { Grid } from "../../model/series.ts";
import { normalUpperTail } from "../../stats/normal.ts";
import { fits, type KnownTest, knownTest, type RateOutlook } from "../history/known-test.ts";
import type { Arena } from "../input/arena.ts";
import { Q_WITH_RECORD } from "../input/constants.ts";
import { sumKnown } from "../input/masked.ts";
import type { Nulls, SignalNull } from "../input/nulls.ts";
import type { Records } from "../input/records.ts";
import { knownBy, type RateTrack, type ShareTrack, type Track } from "../input/track.ts";
import type { Windows } from "../input/windows.ts";
import type { CommonSwings } from "../window/common-swing.ts";
import { type Measured, measure, type Part, strongestBlock } from "../window/measure.ts";
import { placeboDeviates, widening } from "../window/placebo-widening.ts";

/** One test of one window of one signal. */
export interface SignalTest extends Measured {
  readonly track: Track;
  readonly part: Part;
  /** By how much the quiet record widened z, at least 1; null without a record. */
  readonly widened: number | null;
  /**
   * One-sided; null when nothing was tested. Without long history the minimum effect is part of it,
   * with long history it is not.
   */
  readonly p: number | null;
  /** There was nothing to test at all: not one request, or not one step that was scraped. */
  readonly idle: boolean;
  /**
   * What the history says of the signal, when a day or more of it decided; null when the window's
   * own steps did.
   */
  readonly known: SignalNull | null;
  /** Noise of the early shift now (judge.md §2.5 item 4); 1 where history did not decide. */
  readonly noise: number;
}

export interface TestContext {
  readonly windows: Windows;
  readonly grid: Grid;
  readonly parts: readonly Part[];
  readonly records: Records;
  readonly nulls: Nulls | null;
  /** How widely all services swing, for tests from the window's own steps. */
  readonly common: CommonSwings;
  /** For one test after the other. */
  readonly memory: Arena;
  /** What is expected of a service's request rate. */
  outlook(service: ServiceId): RateOutlook;
}

/**
 * Spreads of a null (q95 − median) in deviates of a normal one: what makes scores of both judges
 * comparable.
 */
export const DEVIATES_PER_SPREAD = 1.6448536269514722;
/** Below this deviate a test cannot alarm, and its placebos are not computed. */
const WORTH_WIDENING = 2;

/**
 * The tests of one signal: against a day of history or more where there is one (judge.md §2.5),
 * else from the window's own steps, widened by whatever quiet record there is (§2.16).
 */
export function testsOf(track: Track, effect: MinimumEffect, context: TestContext): SignalTest[] {
  const known = context.nulls?.bySignal.get(track.key) ?? null;
  if (known !== null && track.form !== "quantile" && canUse(track, context)) return knownTests(track, known, context);
  return ownParts(track, context).map((part) => ownWindowTest(track, part, effect, context));
}

/**
 * Traffic stops by itself, so no burst of silence is news: where there is a late window, a rate
 * must have fallen over all of the time after, or over that.
 */
const ownParts = (track: Track, { parts }: TestContext): readonly Part[] =>
  track.form === "rate" && parts.includes("late") ? ["after", "late"] : parts;

/**
 * Nulls have no holes: with fewer than two thirds of the steps before or four fifths of those
 * after, the short-window judge decides.
 */
function canUse(track: Track, { nulls, windows, grid }: TestContext): boolean {
  if (nulls === null || !fits(nulls, windows, grid)) return false;
  const valid = (from: number, to: number): number => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += track.valid[i]!;
    return sum / Math.max(to - from, 1);
  };
  const { before, after } = windows;
  const busy = sumKnown(knownBy(track), before) > 0 && sumKnown(knownBy(track), after) > 0;
  return (
    (busy || track.form === "rate") && valid(before.from, before.to) >= 2 / 3 && valid(after.from, after.to) >= 4 / 5
  );
}

function knownTests(track: ShareTrack | RateTrack, known: SignalNull, context: TestContext): SignalTest[] {
  const { windows, nulls, grid } = context;
  const tests = knownTest(
    track,
    known,
    nulls!,
    windows,
    grid,
    () => context.outlook(track.service),
    context.memory.take,
  );
  context.memory.reset();
  if (isIdle(track, windows)) return context.parts.map((part) => ownWindowTest(track, part, null, context));
  return context.parts.map((part) => {
    const { p, v } = combine(tests, part);
    // What cannot be rejected needs no strongest stretch: with hundreds of services this is most of
    // the work.
    const candidate = p <= Q_WITH_RECORD;
    const strongest = candidate
      ? strongestBlock(track, windows.before, windows[part], part, known)
      : { block: windows[part], row: 0 };
    return {
      ...strongest,
      z: v * DEVIATES_PER_SPREAD,
      p,
      track,
      part,
      widened: 1,
      idle: false,
      known,
      noise: tests.shift?.noise ?? 1,
    };
  });
}

/** Early: the better of scan and shift, paid for twice. Late: the shift alone. */
function combine(tests: KnownTest, part: Part): { p: number; v: number } {
  if (part === "late") return { p: tests.late?.p ?? 1, v: tests.late?.v ?? 0 };
  const [scan, shift] = [tests.scan!, tests.shift!];
  return { p: Math.min(1, 2 * Math.min(scan.p, shift.p)), v: Math.max(scan.v, shift.v) };
}

function isIdle(track: Track, windows: Windows): boolean {
  const values = knownBy(track);
  return !(sumKnown(values, windows.before) > 0 || sumKnown(values, windows.after) > 0);
}

function ownWindowTest(track: Track, part: Part, effect: MinimumEffect | null, context: TestContext): SignalTest {
  const { windows } = context;
  const base = { track, part, known: null, noise: 1 };
  const nothing = { z: null, block: windows[part], row: 0, widened: null, p: null };
  if (effect === null) return { ...base, ...nothing, idle: true };
  const measured = measure(track, windows.before, windows[part], part, effect, context.common);
  if (measured.z === null) return { ...base, ...measured, ...nothing, idle: isIdle(track, windows) };
  const widened = recordWidening(measured.z, track, part, effect, context);
  const z = measured.z > 0 && widened !== null ? measured.z / widened : measured.z;
  return { ...base, ...measured, z, widened, p: normalUpperTail(z), idle: false };
}

function recordWidening(
  z: number,
  track: Track,
  part: Part,
  effect: MinimumEffect,
  context: TestContext,
): number | null {
  if (z <= WORTH_WIDENING) return context.records.has(track.service) ? 1 : null;
  const record = context.records.of(track);
  if (record === null) return null;
  return widening(
    placeboDeviates(track, record.track, context.windows, part, effect, record.positions, context.common),
  );
}
