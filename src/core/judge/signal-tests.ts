import type { MinimumEffect } from "../model/policy.ts";
import { normalUpperTail } from "../stats/normal.ts";
import { sumKnown } from "./masked.ts";
import { type Measured, measure, type Part } from "./measure.ts";
import { placeboDeviates, widening } from "./placebo.ts";
import { knownBy, type Track } from "./track.ts";
import type { Windows } from "./windows.ts";

/** One test of one window of one signal. */
export interface SignalTest extends Measured {
  readonly track: Track;
  readonly part: Part;
  /** By how much the quiet record widened z, at least 1; null without a record. */
  readonly widened: number | null;
  /** One-sided; null when nothing was tested. */
  readonly p: number | null;
  /** There was nothing to test at all: not one request, or not one step that was scraped. */
  readonly idle: boolean;
}

/** The quiet record of one signal, and where an injection can be pretended in it. */
export interface QuietRecord {
  readonly track: Track;
  readonly positions: readonly number[];
}

/** Below this deviate a test cannot alarm, and its placebos are not computed. */
const WORTH_WIDENING = 2;

function isIdle(track: Track, windows: Windows): boolean {
  const values = knownBy(track);
  return !(sumKnown(values, windows.before) > 0 || sumKnown(values, windows.after) > 0);
}

/** Tests `track` in one window, widened by its quiet record where there is one with enough placebos. */
export function testOf(
  track: Track,
  windows: Windows,
  part: Part,
  effect: MinimumEffect,
  record: QuietRecord | null,
): SignalTest {
  const measured = measure(track, windows.before, windows[part], part, effect);
  if (measured.z === null) return { ...measured, track, part, widened: null, p: null, idle: isIdle(track, windows) };
  const widened = record === null ? null : recordWidening(measured.z, track, windows, part, effect, record);
  const z = measured.z > 0 && widened !== null ? measured.z / widened : measured.z;
  return { ...measured, z, track, part, widened, p: normalUpperTail(z), idle: false };
}

function recordWidening(
  z: number,
  track: Track,
  windows: Windows,
  part: Part,
  effect: MinimumEffect,
  record: QuietRecord,
): number | null {
  if (z <= WORTH_WIDENING) return record.positions.length > 0 ? 1 : null;
  return widening(placeboDeviates(track, record.track, windows, part, effect, record.positions));
}
