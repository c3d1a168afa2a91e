import type { Grid } from "../../model/series.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { Interval } from "../../stats/interval.ts";
import type { SignalTest } from "../engine/engine.ts";
import type { Meter } from "../engine/meter.ts";
import { FEWEST_STEPS, PERSISTENT_SLOW, RECOVERY_DISAGREEMENT_MS, SUSTAINED_MS } from "../input/constants.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import { knownBy } from "../input/track.ts";
import { type Span, spanLength, type Windows } from "../input/windows.ts";
import { boxcarOf, operationalRecovery } from "./recovery.ts";

/** A degraded signal in time. */
export interface Course {
  readonly verdict: Verdict;
  readonly onsetMs: Interval | null;
  /** Still worse over the late window, but no longer so at its end. */
  readonly comingBack?: boolean;
}

export interface CourseInput {
  readonly t0Ms: number;
  /** The strongest of the signal's tests that were found. */
  readonly found: SignalTest;
  readonly lateFound: boolean;
}

/** What its course is told from. */
interface Followed extends CourseInput {
  readonly meter: Meter;
}

/**
 * Decides the verdict of a signal that got worse (judge.md §2.9): transient when it was back within
 * grace, slow-recovery when later, persistent when still worse in the late window, or unresolved.
 */
export function courseOf(input: CourseInput): Course {
  const { found } = input;
  const { comparison } = found.engine;
  const { grid, windows } = comparison;
  const meter = found.engine.meter(found.row);
  const fit = boxcarOf(comparison, found.row);
  const at = (step: number): number => grid.startMs + step * grid.stepMs;
  const onset = fit?.from ?? Math.max(found.block.from, windows.before.to);
  const onsetMs: Interval = {
    point: Math.max(at(onset), input.t0Ms),
    low: Math.max(at((fit?.fromRange.low ?? onset) - 1), input.t0Ms),
    high: at((fit?.fromRange.high ?? onset) + 1),
    level: 0.95,
  };
  const late = spanLength(windows.late);
  if (late === 0) return { verdict: { kind: "unresolved" }, onsetMs };
  const shortest = Math.round(Math.min(SUSTAINED_MS / grid.stepMs, late / 2));
  const damage = meter.at(found.block)?.point ?? 0;
  const since = operationalRecovery(meter, damage, { ...windows.after, shortest, longest: late });
  if (since === null && !stillWorse({ ...input, meter })) return { verdict: { kind: "unresolved" }, onsetMs };
  if (since === null)
    return { verdict: { kind: "persistent" }, onsetMs, ...(comesBack(meter, windows) && { comingBack: true }) };
  const useFit = fit !== null && fit.to < windows.after.to && closeEnough(fit.to, since, grid);
  const back = useFit ? fit.to : since;
  const afterT0 = (step: number): number => Math.max(at(step) - input.t0Ms, 0);
  const recoveredAfterMs: Interval = {
    point: afterT0(back),
    low: afterT0(Math.min(back, fit?.toRange.low ?? back) - 1),
    high: afterT0(Math.max(back, Math.min(fit?.toRange.high ?? back, windows.after.to)) + 1),
    level: 0.95,
  };
  return { verdict: { kind: back <= windows.graceEnds ? "transient" : "slow-recovery", recoveredAfterMs }, onsetMs };
}

const closeEnough = (a: number, b: number, grid: Grid): boolean =>
  Math.abs(a - b) * grid.stepMs <= RECOVERY_DISAGREEMENT_MS;

/**
 * Found in the late window too, of which three steps were seen at least, and there by more than the
 * minimum effect.
 */
function stillWorse({ found, lateFound, meter }: Followed): boolean {
  const { track, windows } = found.engine.comparison;
  if (knownSteps(knownBy(track), windows.late) < FEWEST_STEPS) return false;
  if (!isSlowThroughout(found)) return false;
  const late = meter.at(windows.late);
  return lateFound && late !== null && late.low > meter.minimum;
}

/** A few slow answers, or one bad step, are no damage that stays; other signals pass. */
function isSlowThroughout({ engine, row }: SignalTest): boolean {
  const { track, windows } = engine.comparison;
  const { before, late } = windows;
  if (track.form !== "share" || track.signal !== "latency") return true;
  const { k, n } = track.rows[row]!;
  const share = sumKnown(k, before) / Math.max(sumKnown(n, before), 1);
  const busy = stepsOf(late).filter((i) => n[i]! > 0);
  const slow = busy.filter((i) => k[i]! > n[i]! * share);
  return (
    sumKnown(k, late) - sumKnown(n, late) * share >= PERSISTENT_SLOW.fewest &&
    slow.length >= PERSISTENT_SLOW.shareOfSteps * busy.length
  );
}

const stepsOf = ({ from, to }: Span): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/**
 * In its last three steps at most half as much worse as over the whole late window, by more than
 * chance: on its way back, or back for too short a time to call it that.
 */
function comesBack(meter: Meter, { late }: Windows): boolean {
  const whole = meter.at(late);
  const end = meter.at({ from: Math.max(late.to - FEWEST_STEPS, late.from), to: late.to });
  return whole !== null && end !== null && end.point <= whole.point / 2 && end.high < whole.point;
}
