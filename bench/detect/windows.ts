import { FEWEST_STEPS } from "../../src/core/judge/input/constants.ts";
import type { CaseHead } from "./format.ts";

/** Steps that every case of one interval is judged with. */
export interface SetWindows {
  readonly before: number;
  readonly after: number;
  /** Seconds between two samples. */
  readonly sampleS: number;
  /** Samples that make a step. */
  readonly factor: number;
}

/**
 * Shortest step that is judged, in seconds: what a mesh is scraped with. Values read more often are
 * rates over a longer time, or one request each.
 */
const SHORTEST_STEP_S = 15;
/**
 * Longest window: the ten steps of judge.md §2 after, thirty minutes to an hour before; as much
 * time where the steps are short.
 */
const MOST = { before: 60, after: 10, beforeS: 1_800, afterS: 600 };

export const stepSeconds = ({ sampleS, factor }: SetWindows): number => sampleS * factor;

/**
 * Same windows for every case of a set that has one interval: as many steps after as nine of ten
 * cases have, at most 10 or ten minutes, and at least as many as a test needs.
 */
export function windowsOfCases(
  cases: readonly CaseHead[],
  sampleS: number,
  override: { readonly before?: number; readonly after?: number },
): SetWindows {
  const factor = sampleS >= SHORTEST_STEP_S ? 1 : Math.ceil(SHORTEST_STEP_S / sampleS - 1e-9);
  const stepS = sampleS * factor;
  const after = cases
    .filter((c) => c.why === undefined && c.stepS === sampleS)
    .map((c) => Math.ceil((c.lastS - (c.t0 ?? Number.NaN)) / stepS - 1e-9))
    .sort((a, b) => a - b);
  const usual = after[Math.floor(after.length * 0.1)] ?? FEWEST_STEPS;
  const most = (steps: number, seconds: number): number => Math.max(steps, Math.round(seconds / stepS));
  return {
    before: override.before ?? most(MOST.before, MOST.beforeS),
    after: override.after ?? Math.min(Math.max(usual, FEWEST_STEPS), most(MOST.after, MOST.afterS)),
    sampleS,
    factor,
  };
}
