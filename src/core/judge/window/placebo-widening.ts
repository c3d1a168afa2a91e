import { quantileOf } from "../../stats/quantile.ts";
import { type Comparison, comparisonOf, type Part } from "../engine/comparison.ts";
import { FEWEST_PLACEBOS } from "../input/constants.ts";
import type { QuietRecord } from "../input/records.ts";
import { cutTrack } from "../input/track.ts";
import { movedBack, spanLength } from "../input/windows.ts";
import type { CommonSwings } from "./common-swings.ts";
import { measure } from "./measure.ts";

/**
 * Φ⁻¹(.998): what the placebos' 99.8 % quantile would be if their deviates were normal (judge.md
 * §2.16 step 6).
 */
const NORMAL_998 = 2.8781617390954826;

/**
 * The same test at quiet moments of the same series: same steps before and after, same holes.
 * Positions where it could not be made are left out.
 */
export function placeboDeviates(
  compared: Comparison,
  { track: history, positions }: QuietRecord,
  part: Part,
  common: CommonSwings,
): Float64Array {
  const { before, after } = compared.windows;
  const length = after.to - before.from;
  const mine = compared.track.valid.subarray(before.from, after.to);
  const like = mine.includes(0) ? mine : null;
  const windows = movedBack(compared.windows, before.from);
  const deviates: number[] = [];
  for (const t0 of positions) {
    const cut = cutTrack(history, t0 - spanLength(before), length, like);
    const { z } = measure(comparisonOf(cut, { ...compared, windows }), windows[part], part, common);
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
