import type { MinimumEffect } from "../../model/policy.ts";
import type { Grid } from "../../model/series.ts";
import type { Window } from "../../model/units.ts";
import { quantileOf } from "../../stats/quantile.ts";
import { FEWEST_PLACEBOS, MOST_PLACEBOS } from "../input/constants.ts";
import { cutTrack, type Track } from "../input/track.ts";
import type { Span, Windows } from "../input/windows.ts";
import type { CommonSwings } from "./common-swing.ts";
import { measure, type Part } from "./measure.ts";

/**
 * Φ⁻¹(.998): what the placebos' 99.8 % quantile would be if their deviates were normal (judge.md
 * §2.16 step 6).
 */
const NORMAL_998 = 2.8781617390954826;

/**
 * Steps of the history at which an injection can be pretended: the whole window fits, and touches
 * neither the window that is judged nor any time in `excluded`. Strided to about `MOST_PLACEBOS`.
 */
export function placeboPositions(history: Grid, windows: Windows, own: Window, excluded: readonly Window[]): number[] {
  const back = windows.before.to - windows.before.from;
  const ahead = windows.after.to - windows.after.from;
  const bad = [own, ...excluded];
  const free: number[] = [];
  for (let t0 = back; t0 + ahead <= history.steps; t0++) {
    const fromMs = history.startMs + (t0 - back) * history.stepMs;
    const toMs = history.startMs + (t0 + ahead) * history.stepMs;
    if (!bad.some((w) => w.fromMs < toMs && fromMs < w.toMs)) free.push(t0);
  }
  const stride = Math.max(1, Math.floor(free.length / MOST_PLACEBOS));
  return free.filter((_, i) => i % stride === 0);
}

/**
 * The same test at quiet moments of the same series: same steps before and after, same holes.
 * Positions where it could not be made are left out.
 */
export function placeboDeviates(
  own: Track,
  history: Track,
  windows: Windows,
  part: Part,
  effect: MinimumEffect,
  positions: readonly number[],
  common: CommonSwings,
): Float64Array {
  const { before, after } = windows;
  const length = after.to - before.from;
  const mine = own.valid.subarray(before.from, after.to);
  const like = mine.includes(0) ? mine : null;
  const move = (span: Span): Span => ({ from: span.from - before.from, to: span.to - before.from });
  const [b, a] = [move(before), move(windows[part])];
  const deviates: number[] = [];
  for (const t0 of positions) {
    const from = t0 - (before.to - before.from);
    const z = measure(cutTrack(history, from, length, like), b, a, part, effect, common).z;
    if (z !== null) deviates.push(z);
  }
  return Float64Array.from(deviates);
}

/**
 * How much wider than normal a series' own quiet record is: max(1, Q.998 / 2.88), by which its
 * deviate is divided. It never narrows. Null with fewer than 100 placebos: they say nothing then.
 */
export function widening(placebos: Float64Array): number | null {
  if (placebos.length < FEWEST_PLACEBOS) return null;
  const finite = placebos.map((z) => Math.max(z, -9));
  return Math.max(1, quantileOf(finite, 0.998) / NORMAL_998);
}
