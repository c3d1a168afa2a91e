import { normalUpperQuantileOfLog, normalUpperTail } from "../../stats/normal.ts";
import { type Comparison, type Part, partsOf } from "../engine/comparison.ts";
import type { Engine, SignalTest } from "../engine/engine.ts";
import { KNOWN_AFTER_MS } from "../input/constants.ts";
import type { Question } from "../input/question.ts";
import type { Records } from "../input/records.ts";
import { isIdle } from "../input/track.ts";
import { spanLength } from "../input/windows.ts";
import type { CommonSwings } from "./common-swings.ts";
import { ownDetectable } from "./detectable.ts";
import { measure } from "./measure.ts";
import { ownMeter } from "./own-meter.ts";
import { placeboDeviates, widening } from "./placebo-widening.ts";

/** Below this deviate a test cannot alarm, and its placebos are not computed. */
const WORTH_WIDENING = 2;

/**
 * Judges from the window's own steps, widened by whatever quiet record there is (judge.md §2.16).
 * @param common how widely all services swing
 */
export function ownEngine(comparison: Comparison, { records, knownMs }: Question, common: CommonSwings): Engine {
  const { track, windows } = comparison;
  const engine: Engine = {
    comparison,
    learning: knownMs(track.service) < KNOWN_AFTER_MS,
    test: () => partsToTest(comparison).map((part) => ({ ...testOf(comparison, part, records, common), engine, part })),
    // It is part of what was tested.
    matters: () => true,
    strongest: () => measure(comparison, windows.after, "early", common),
    detectable(test, row, { p, most }) {
      // A short silence is not enough: what would be seen of a rate is what lasts.
      const after = track.form === "rate" && spanLength(windows.late) > 0 ? windows.after : windows.early;
      const z = normalUpperQuantileOfLog(Math.log(p)) * (test.widened ?? 1);
      return ownDetectable(comparison, row, { after, z, most }, common);
    },
    meter: (row) => ownMeter(comparison, row),
  };
  return engine;
}

/**
 * Traffic stops by itself, so no burst of silence is news: where there is a late window, a rate
 * must have fallen over all of the time after, or over that.
 */
function partsToTest({ form, windows }: Comparison): readonly Part[] {
  const parts = partsOf(windows);
  return form === "rate" && parts.includes("late") ? ["after", "late"] : parts;
}

function testOf(
  compared: Comparison,
  part: Part,
  records: Records,
  common: CommonSwings,
): Omit<SignalTest, "engine" | "part"> {
  const { track, windows } = compared;
  const measured = measure(compared, windows[part], part, common);
  if (measured.z === null) {
    const nothing = { z: null, block: windows[part], row: 0, widened: null, p: null };
    return { ...nothing, idle: isIdle(track, windows), noise: 1 };
  }
  const widened = wideningOf(measured.z, compared, part, records, common);
  const z = measured.z > 0 && widened !== null ? measured.z / widened : measured.z;
  return { ...measured, z, widened, p: normalUpperTail(z), idle: false, noise: 1 };
}

function wideningOf(
  z: number,
  compared: Comparison,
  part: Part,
  records: Records,
  common: CommonSwings,
): number | null {
  const { track } = compared;
  if (z <= WORTH_WIDENING) return records.has(track.service) ? 1 : null;
  const record = records.of(track);
  return record === null ? null : widening(placeboDeviates(compared, record, part, common));
}
